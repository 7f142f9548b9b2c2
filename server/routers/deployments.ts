import "server-only";
import { z } from "zod";
import type { Semantics } from "@/flow/semantics";
import { database } from "../database";
import { liveBoard } from "../live";
import type { SagaImpact } from "../saga-views";
import { allowed, router } from "../trpc";
import { deployFlow, listEvents, rollBack, startFlow, stopFlow } from "../use-cases/deploy";
import { findFlow } from "../use-cases/find-flow";
import { describeGuarantee } from "../use-cases/guarantee";
import { maskLive } from "../use-cases/mask-seen";
import { readNodeHistory } from "../use-cases/node-history";
import { describeSagaImpact } from "../use-cases/saga-impact";
import { readVersionFigures } from "../use-cases/version-figures";
import { readWaiting } from "../use-cases/waiting";
import type {
  DeploymentEventView,
  DeployResult,
  LiveView,
  NodeHistoryView,
  VersionFiguresView,
  WaitingView,
} from "../views";
import { deployRequest, file, name, ofFlow, ofNode, rollbackRequest } from "./inputs";

export const deploymentsRouter = router({
  deploy: allowed("deploy", "flow")
    .input(deployRequest)
    .mutation(({ ctx, input }): Promise<DeployResult> => deployFlow(ctx, input)),

  stop: allowed("stop", "flow")
    .input(ofFlow)
    .mutation(({ ctx, input }): Promise<{ revision: number; sagas: number }> => stopFlow(ctx, input.flow)),

  /** A stopped flow goes on where it stood, on its last version. */
  start: allowed("deploy", "flow")
    .input(rollbackRequest)
    .mutation(({ ctx, input }): Promise<DeployResult> => startFlow(ctx, input)),

  /** How many messages wait at its sources, as far as their brokers tell. */
  waiting: allowed("read", "deployment")
    .input(ofFlow)
    .query(({ ctx, input }): Promise<WaitingView[]> => readWaiting(ctx.environment, input.flow)),

  rollback: allowed("deploy", "flow")
    .input(rollbackRequest)
    .mutation(({ ctx, input }): Promise<DeployResult> => rollBack(ctx, input)),

  /** Sagas in flight, and what a deploy of the draft (or of a version, or of a file) would do to them. */
  sagaImpact: allowed("read", "deployment")
    .input(z.object({ flow: name, version: z.int().min(1).optional(), document: file.optional() }))
    .query(({ ctx, input }): Promise<SagaImpact> => describeSagaImpact(ctx.environment, input)),

  /** What was asked for and what the workers say; of all flows, or of one (none when it was never deployed). */
  status: allowed("read", "deployment")
    .input(z.object({ flow: name.optional() }))
    .query(async ({ ctx, input }): Promise<LiveView[]> => {
      if (input.flow !== undefined) await findFlow(database().prisma, ctx.environment, input.flow);
      const { flows } = await liveBoard(ctx.environment).read();
      const asked = input.flow === undefined ? flows : flows.filter((view) => view.flow === input.flow);
      return maskLive(ctx, asked);
    }),

  /** What the deployed version guarantees; null when there is none. */
  guarantee: allowed("read", "deployment")
    .input(ofFlow)
    .query(({ ctx, input }): Promise<Semantics | null> => describeGuarantee(ctx.environment, input.flow)),

  /** The last hour of a node by minutes, and its versions of the last day. */
  nodeHistory: allowed("read", "deployment")
    .input(ofNode)
    .query(({ ctx, input }): Promise<NodeHistoryView> => readNodeHistory(ctx.environment, input)),

  /** What each node did in the last day, by version. */
  versionFigures: allowed("read", "deployment")
    .input(ofFlow)
    .query(({ ctx, input }): Promise<VersionFiguresView> => readVersionFigures(ctx.environment, input.flow)),

  history: allowed("read", "deployment")
    .input(ofFlow)
    .query(({ ctx, input }): Promise<DeploymentEventView[]> => listEvents(ctx.environment, input.flow)),
});
