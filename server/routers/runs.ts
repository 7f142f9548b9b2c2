import "server-only";
import { z } from "zod";
import type { FoundCount } from "@/flow/run-search";
import { allowed, router } from "../trpc";
import { describeSendAgain } from "../use-cases/describe-again";
import { countFound, findRuns } from "../use-cases/find-runs";
import { describeKeptRuns } from "../use-cases/kept-runs";
import { maskNodeMessages, maskRun } from "../use-cases/masking";
import { findElsewhere, getRun, listNodeMessages } from "../use-cases/runs";
import { describeSendFrom, sendFromRun } from "../use-cases/send-from-run";
import type { FoundElsewhere, KeptRuns, NodeMessage, RunSummary, RunView, SendAgainView, SentFromRun } from "../views";
import { limit, name, ofNode, runFilter, sendFrom } from "./inputs";

export const runsRouter = router({
  list: allowed("read", "run")
    .input(runFilter)
    .query(({ ctx, input }): Promise<{ runs: RunSummary[]; more: boolean }> => findRuns(ctx, input)),

  /** By what a text finds runs, and how many. */
  found: allowed("read", "run")
    .input(runFilter.extend({ text: z.string().min(1).max(500) }))
    .query(({ ctx, input }): Promise<FoundCount[]> => countFound(ctx, input)),

  /** What beside runs bears this text as its key. */
  elsewhere: allowed("read", "run")
    .input(z.object({ text: z.string().min(1).max(500) }))
    .query(({ ctx, input }): Promise<FoundElsewhere> => findElsewhere(ctx, input.text)),

  /** How far back runs reach, and what of them is kept. */
  kept: allowed("read", "run")
    .input(z.object({ flow: name.optional() }))
    .query(({ ctx, input }): Promise<KeptRuns> => describeKeptRuns(ctx.environment, input.flow)),

  get: allowed("read", "run")
    .input(z.object({ id: z.string().max(80) }))
    .query(({ ctx, input }): Promise<RunView> => getRun(ctx.environment, input.id).then((run) => maskRun(ctx, run))),

  /** What sending its message again comes to now: from its source, or what came to a step to that node. */
  again: allowed("read", "run")
    .input(z.object({ id: z.uuid(), step: z.int().min(0).optional() }))
    .query(
      ({ ctx, input }): Promise<SendAgainView> =>
        input.step === undefined
          ? describeSendAgain(ctx.environment, input.id)
          : describeSendFrom(ctx.environment, input.id, input.step),
    ),

  /** Sends what came to a step to that node of the version that runs now. */
  sendFrom: allowed("send-from", "run")
    .input(sendFrom)
    .mutation(({ ctx, input }): Promise<SentFromRun> => sendFromRun(ctx, input)),

  ofNode: allowed("read", "run")
    .input(ofNode.extend({ limit: limit.optional() }))
    .query(
      ({ ctx, input }): Promise<NodeMessage[]> =>
        listNodeMessages(ctx.environment, input).then((messages) => maskNodeMessages(ctx, messages)),
    ),
});
