import "server-only";
import { allowed, router } from "../trpc";
import { getRedrive, listRedrives, steerRedrive } from "../use-cases/redrives";
import type { RedriveView } from "../views";
import { redriveFilter, redriveId } from "./inputs";

export const redrivesRouter = router({
  list: allowed("read", "dead-letter")
    .input(redriveFilter)
    .query(({ ctx, input }): Promise<RedriveView[]> => listRedrives(ctx.environment, input)),

  get: allowed("read", "dead-letter")
    .input(redriveId)
    .query(({ ctx, input }): Promise<RedriveView> => getRedrive(ctx.environment, input.id)),

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
