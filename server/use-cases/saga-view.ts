import "server-only";
import { jsonCodec } from "@/flow/codecs/json";
import { configureNode } from "@/flow/configure";
import { type FlowDocument, flowFormat } from "@/flow/document";
import type { SagaApprovalConfig } from "@/flow/nodes/saga-approval";
import { renderQuestion, scopeOfSaga } from "@/flow/saga/evaluate";
import type { SagaState, Undo, Visit } from "@/flow/saga/state";
import { subSagaIdOf } from "@/prisma/held-id";
import type { Actor } from "../audit";
import { type Db, database } from "../database";
import { notFound } from "../refusal";
import type { SagaStateView, SagaView, SagaVisitView, ShownValue } from "../saga-views";
import { findFlowNames, findVersionDocument } from "./find-flow";
import { type HeldSaga, readHeldSagas, readSagaState, summarizeSaga } from "./held-sagas";
import { readNodeTitles } from "./node-titles";
import { runSummaryFields, summarizeRun } from "./runs";
import { describePermissions, readSagaRules } from "./saga-acts";

/** Longest text of one value that a page gets, in characters. */
const maxShown = 65_536;

/** One saga: each step with its attempts and what undid it, the drawing of its version, and what the person who asks may do. */
export async function getSaga(actor: Actor, id: string): Promise<SagaView> {
  const { prisma } = database();
  const { environment } = actor;
  const [row] = await readHeldSagas(prisma, environment, [id]);
  if (!row) throw notFound("saga", id);
  const state = readSagaState(row);
  const document = await findVersionDocument(prisma, row.flowId, row.version);
  const [names, related, children, parent] = await Promise.all([
    findFlowNames(prisma),
    row.traceId === null
      ? []
      : prisma.run.findMany({
          where: { environment, traceId: row.traceId },
          select: runSummaryFields,
          orderBy: { startedAt: "asc" },
          take: 50,
        }),
    findChildren(prisma, environment, row, state, document),
    state.parent ? readHeldSagas(prisma, environment, [state.parent.saga]) : [],
  ]);
  const from = state.parent;
  const titlesOf = await readNodeTitles(prisma, [row, ...children.map(({ child }) => child)]);
  const summarize = (saga: HeldSaga) => summarizeSaga(saga, names, titlesOf(saga.flowId, saga.version));
  return {
    ...summarize(row),
    state: showState(state, document),
    document: document ?? { format: flowFormat, name: names.get(row.flowId) ?? row.flowId, nodes: [], edges: [] },
    may: describePermissions(actor.me.role, readSagaRules(document, row.node), state),
    parent: from
      ? { id: from.saga, node: from.node, flow: names.get(from.flowId) ?? from.flowId, key: parent[0]?.key ?? "" }
      : null,
    children: children.map(({ child, node }) => ({ ...summarize(child), node })),
    related: related.map((run) => summarizeRun(run, names)),
  };
}

/** The sagas that are its steps: their ids follow from its own, so that each is begun once. */
async function findChildren(
  db: Db,
  environment: string,
  { id, flowId }: HeldSaga,
  { visits }: SagaState,
  document: FlowDocument | null,
): Promise<{ child: HeldSaga; node: string }[]> {
  const subs = new Set(document?.nodes.filter(({ kind }) => kind === "sub-saga").map((each) => each.id));
  const nodes = visits.map(({ node }) => node).filter((node) => subs.has(node));
  const steps = new Map(nodes.map((node) => [subSagaIdOf({ environment, flowId }, node, id), node]));
  const rows = await readHeldSagas(db, environment, [...steps.keys()]);
  return rows.map((child) => ({ child, node: steps.get(child.id)! }));
}

function showState(saga: SagaState, document: FlowDocument | null): SagaStateView {
  const { body, visits, ...state } = saga;
  return {
    ...state,
    body: showValue(body),
    visits: visits.map((visit) => {
      const asked = visit.asks === undefined ? undefined : readQuestion(document, visit.node, saga);
      return { ...showVisit(visit), ...(asked === undefined ? {} : { question: asked }) };
    }),
  };
}

function readQuestion(document: FlowDocument | null, node: string, saga: SagaState): string | undefined {
  const drawn = document?.nodes.find(({ id }) => id === node);
  const { config, problems } = drawn ? configureNode(drawn) : {};
  if (problems?.length !== 0) return undefined;
  return renderQuestion(config as SagaApprovalConfig, scopeOfSaga(saga)).slice(0, maxShown);
}

function showVisit({ output, given: _given, undo, ...visit }: Visit): SagaVisitView {
  return {
    ...visit,
    ...(undo ? { undo: showUndo(undo) } : {}),
    ...(output === undefined ? {} : { output: showValue(output) }),
  };
}

/** The data as its command first saw it is told by its request. */
function showUndo({ given: _given, ...undo }: Undo): Undo {
  return undo;
}

function showValue(value: unknown): ShownValue {
  const text = value === undefined ? "" : Buffer.from(jsonCodec.encode(value)).toString("utf8");
  return text.length > maxShown ? { text: text.slice(0, maxShown), cut: true } : { text, cut: false };
}
