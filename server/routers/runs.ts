import "server-only";
import { z } from "zod";
import { allowed, router } from "../trpc";
import { maskNodeMessages, maskRun, maskRunList } from "../use-cases/masking";
import { getRun, listNodeMessages, listRuns } from "../use-cases/runs";
import type { NodeMessage, RunSummary, RunView } from "../views";
import { limit, ofNode, runFilter } from "./inputs";

export const runsRouter = router({
  list: allowed("read", "run")
    .input(runFilter)
    .query(
      ({ ctx, input }): Promise<{ runs: RunSummary[]; more: boolean }> =>
        listRuns(ctx, input).then((page) => maskRunList(ctx, page, input)),
    ),

  get: allowed("read", "run")
    .input(z.object({ id: z.string().max(80) }))
    .query(({ ctx, input }): Promise<RunView> => getRun(ctx.environment, input.id).then((run) => maskRun(ctx, run))),

  ofNode: allowed("read", "run")
    .input(ofNode.extend({ limit: limit.optional() }))
    .query(
      ({ ctx, input }): Promise<NodeMessage[]> =>
        listNodeMessages(ctx.environment, input).then((messages) => maskNodeMessages(ctx, messages)),
    ),
});
