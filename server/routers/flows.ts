import "server-only";
import { z } from "zod";
import { flowNamePattern, flowSchema } from "@/flow/document";
import { allowed, router } from "../trpc";
import { applyFlows } from "../use-cases/apply-flows";
import { checkDocument } from "../use-cases/check-flow";
import { getFlow, listFlows } from "../use-cases/flow-views";
import {
  createFlow,
  describeImpact,
  duplicateFlow,
  pushFlow,
  removeFlow,
  renameFlow,
  saveDraft,
} from "../use-cases/flows";
import { listNeighbours } from "../use-cases/neighbours";
import { searchFlows } from "../use-cases/search-flows";
import type {
  ApplyResult,
  CheckResult,
  FlowImpact,
  FlowSearch,
  FlowSummary,
  FlowView,
  NeighbourView,
  SaveResult,
} from "../views";
import { file, flowName, name, tab } from "./inputs";

const newName = z.string().regex(flowNamePattern, "names match [a-z0-9-]+, at most 63 characters");
const title = z.string().trim().max(120);

export const flowsRouter = router({
  list: allowed("read", "flow").query(({ ctx }): Promise<FlowSummary[]> => listFlows(ctx.environment)),

  get: allowed("read", "flow")
    .input(flowName)
    .query(({ ctx, input }): Promise<FlowView> => getFlow(ctx.environment, input.name)),

  search: allowed("read", "flow")
    .input(z.object({ text: z.string().trim().min(2).max(200) }))
    .query(({ input }): Promise<FlowSearch> => searchFlows(input.text)),

  /** Which other flows the same messages pass through, and what those mask. */
  neighbours: allowed("read", "flow")
    .input(z.object({ name }))
    .query(({ ctx, input }): Promise<NeighbourView[]> => listNeighbours(ctx.environment, input.name)),

  create: allowed("save", "flow")
    .input(z.object({ title, name: newName.optional(), document: file.optional() }))
    .mutation(({ ctx, input }): Promise<{ name: string }> => createFlow(ctx, input)),

  save: allowed("save", "flow")
    .input(z.object({ name, revision: z.int().min(1), document: flowSchema, tab: tab.optional() }))
    .mutation(({ ctx, input }): Promise<SaveResult> => saveDraft(ctx, input)),

  push: allowed("save", "flow")
    .input(z.object({ document: file }))
    .mutation(
      ({ ctx, input }): Promise<{ name: string; created: boolean; revision: number }> => pushFlow(ctx, input.document),
    ),

  /** A whole set of flows at once: all of it, or nothing. */
  applyAll: allowed("save", "flow")
    .input(
      z.object({
        set: z.array(z.object({ document: file, revision: z.int().min(1).nullable() })).max(500),
        remove: z.array(z.object({ name, revision: z.int().min(1), stop: z.boolean().optional() })).max(500),
      }),
    )
    .mutation(({ ctx, input }): Promise<ApplyResult> => applyFlows(ctx, input)),

  rename: allowed("save", "flow")
    .input(z.object({ name, title: title.min(1), newName: newName.optional() }))
    .mutation(({ ctx, input }): Promise<{ name: string; revision: number }> => renameFlow(ctx, input)),

  duplicate: allowed("save", "flow")
    .input(flowName)
    .mutation(({ ctx, input }): Promise<{ name: string }> => duplicateFlow(ctx, input.name)),

  remove: allowed("remove", "flow")
    .input(flowName)
    .mutation(({ ctx, input }): Promise<void> => removeFlow(ctx, input.name)),

  check: allowed("read", "flow")
    .input(z.object({ document: file }))
    .query(({ ctx, input }): Promise<CheckResult> => checkDocument(ctx.environment, input.document)),

  impact: allowed("read", "flow")
    .input(flowName)
    .query(({ ctx, input }): Promise<FlowImpact> => describeImpact(ctx.environment, input.name)),
});
