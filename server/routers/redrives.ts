import "server-only";
import { allowed, router } from "../trpc";
import { maskRedrives } from "../use-cases/mask-letters";
import { getRedrive, listRedrives, steerRedrive } from "../use-cases/redrives";
import type { RedriveView } from "../views";
import { redriveFilter, redriveId } from "./inputs";

export const redrivesRouter = router({
  list: allowed("read", "dead-letter")
    .input(redriveFilter)
    .query(
      ({ ctx, input }): Promise<RedriveView[]> =>
        listRedrives(ctx.environment, input).then((redrives) => maskRedrives(ctx, redrives)),
    ),

  get: allowed("read", "dead-letter")
    .input(redriveId)
    .query(async ({ ctx, input }): Promise<RedriveView> => {
      const [redrive] = await maskRedrives(ctx, [await getRedrive(ctx.environment, input.id)]);
      return redrive!;
    }),

  pause: allowed("redrive", "dead-letter")
    .input(redriveId)
    .mutation(({ ctx, input }): Promise<RedriveView> => steerRedrive(ctx, input.id, "pause")),

  resume: allowed("redrive", "dead-letter")
    .input(redriveId)
    .mutation(({ ctx, input }): Promise<RedriveView> => steerRedrive(ctx, input.id, "resume")),

  stop: allowed("redrive", "dead-letter")
    .input(redriveId)
    .mutation(({ ctx, input }): Promise<RedriveView> => steerRedrive(ctx, input.id, "stop")),
});
