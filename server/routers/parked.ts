import "server-only";
import { z } from "zod";
import { allowed, router } from "../trpc";
import { maskParked } from "../use-cases/mask-letters";
import { whereKeySeen } from "../use-cases/masks";
import { giveUpParked, groupParked, listParked, tryParkedNow } from "../use-cases/parked";
import type { ParkedGroup, ParkedSummary } from "../views";
import { name, parkedChoice, parkedFilter } from "./inputs";

/** Messages that wait for a later try. */
export const parkedRouter = router({
  list: allowed("read", "parked")
    .input(parkedFilter)
    .query(
      ({ ctx, input }): Promise<{ items: ParkedSummary[]; more: boolean; total: number }> =>
        whereKeySeen(ctx, input)
          .then((filter) => listParked(ctx.environment, filter))
          .then(async (page) => ({ ...page, items: await maskParked(ctx, page.items) })),
    ),

  groups: allowed("read", "parked")
    .input(z.object({ flow: name.optional() }))
    .query(({ ctx, input }): Promise<ParkedGroup[]> => groupParked(ctx.environment, input.flow)),

  tryNow: allowed("retry", "parked")
    .input(parkedChoice)
    .mutation(({ ctx, input }): Promise<{ due: number }> => tryParkedNow(ctx, input)),

  giveUp: allowed("give-up", "parked")
    .input(parkedChoice)
    .mutation(({ ctx, input }): Promise<{ givenUp: number }> => giveUpParked(ctx, input)),
});
