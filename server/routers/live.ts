import "server-only";
import { tracked } from "@trpc/server";
import { z } from "zod";
import { liveBoard } from "../live";
import { allowed, router } from "../trpc";
import type { LiveEvent } from "../views";
import { name } from "./inputs";

export const liveRouter = router({
  /** The one subscription of a tab: states and counts once a second, new runs, notices. */
  events: allowed("read", "deployment")
    .input(z.object({ flows: z.array(name).max(500).optional(), lastEventId: z.string().max(80).nullish() }))
    .subscription(async function* ({ ctx, input, signal }) {
      let sequence = 0;
      for await (const event of liveBoard(ctx.environment).watch(input.flows, signal ?? new AbortController().signal)) {
        yield tracked(`${Date.now()}-${sequence++}`, event satisfies LiveEvent as LiveEvent);
      }
    }),
});
