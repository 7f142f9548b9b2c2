import "server-only";
import { tracked } from "@trpc/server";
import { z } from "zod";
import { watchAccess } from "../access";
import { companions } from "../companions";
import { joinStreams } from "../join-streams";
import { liveBoard } from "../live";
import { allowed, router } from "../trpc";
import type { LiveEvent } from "../views";
import { name, tab } from "./inputs";

export const liveRouter = router({
  /** The one subscription of a tab: states and counts once a second, new runs, notices; who is there and what they save, at once. */
  events: allowed("read", "deployment")
    .input(
      z.object({
        flows: z.array(name).max(500).optional(),
        lastEventId: z.string().max(80).nullish(),
        tab: tab.optional(),
      }),
    )
    .subscription(async function* ({ ctx, input, signal }) {
      let sequence = 0;
      const ended = new AbortController();
      const until = AbortSignal.any([ended.signal, ...(signal ? [signal] : [])]);
      const streams: AsyncGenerator<LiveEvent>[] = [
        watchAccess(ctx, until),
        liveBoard(ctx.environment).watch(ctx, input.flows, until),
        companions(ctx.environment).watch(ctx.me, input.tab, until),
      ];
      try {
        for await (const event of joinStreams(streams)) {
          yield tracked(`${Date.now()}-${sequence++}`, event satisfies LiveEvent as LiveEvent);
        }
      } finally {
        ended.abort();
      }
    }),

  /** Says where a tab is: which flow it has open, and which node is chosen there. */
  here: allowed("read", "flow")
    .input(z.object({ tab, flow: name.nullable(), node: name.nullable() }))
    .mutation(({ ctx, input }): void => companions(ctx.environment).move(ctx.me, input)),
});
