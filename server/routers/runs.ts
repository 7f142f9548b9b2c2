import "server-only";
import { z } from "zod";
import { allowed, router } from "../trpc";
import { maskNodeMessages, maskRun, maskRunList } from "../use-cases/masking";
import { findElsewhere, getRun, listNodeMessages, listRuns } from "../use-cases/runs";
import type { FoundElsewhere, NodeMessage, RunSummary, RunView } from "../views";
import { limit, ofNode, runFilter } from "./inputs";

export const runsRouter = router({
  list: allowed("read", "run")
    .input(runFilter)
    .query(
      ({ ctx, input }): Promise<{ runs: RunSummary[]; more: boolean }> =>
        listRuns(ctx, input).then((page) => maskRunList(ctx, page, input)),
    ),

  /** What beside runs bears this text as its key. */
  elsewhere: allowed("read", "run")
    .input(z.object({ text: z.string().min(1).max(500) }))
    .query(({ ctx, input }): Promise<FoundElsewhere> => findElsewhere(ctx, input.text)),

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
