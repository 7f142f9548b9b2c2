import "server-only";
import { defaultProject } from "@/flow/control";
import type { FlowDocument } from "@/flow/document";
import type { HeldKind } from "@/flow/holding";
import type { Problem } from "@/flow/problems";
import { findStrands } from "@/flow/saga/strand";
import { type Db, database } from "../database";
import { connectionsOf } from "../flow-places";
import { refusal } from "../refusal";
import type { SagaImpact } from "../saga-views";
import { findFlow, findVersionDocument, readStored } from "./find-flow";
import { inFlight } from "./held-sagas";

/** What is held of a flow and has not ended: how many, by version and the node that holds. */
interface HeldCount {
  version: number;
  kind: HeldKind;
  node: string;
  count: number;
}

export async function countInFlight(db: Db, environment: string, flowId: string): Promise<HeldCount[]> {
  const rows = await db.$queryRaw<(Omit<HeldCount, "count"> & { count: bigint })[]>`
    SELECT version, kind, node, count(*) AS count FROM "Held"
    WHERE environment = ${environment} AND "flowId" = ${flowId} AND ${inFlight}
    GROUP BY version, kind, node ORDER BY version DESC, node`;
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

const sum = (counts: readonly HeldCount[]) => counts.reduce((total, { count }) => total + count, 0);

/** How many sagas rest when the flow is stopped. */
export async function countSagasInFlight(db: Db, environment: string, flowId: string): Promise<number> {
  return sum((await countInFlight(db, environment, flowId)).filter(({ kind }) => kind === "saga"));
}

/** A flow is deleted with its versions, and on those its sagas end. @throws TRPCError as long as there are any */
export async function refuseInFlight(db: Db, flow: { id: string; title: string }): Promise<void> {
  const [row] = await db.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) AS count FROM "Held" WHERE "flowId" = ${flow.id} AND kind = 'saga' AND ${inFlight}`;
  const count = Number(row!.count);
  if (count === 0) return;
  const sagas = count === 1 ? "1 saga" : `${count} sagas`;
  throw refusal(
    "PRECONDITION_FAILED",
    "sagas-in-flight",
    `“${flow.title}” has ${sagas} in flight. Deploy it again so that they end, or cancel them and let them be undone; then stop it and delete it.`,
  );
}

/** What is in flight, and what a deploy of the draft, or of a version, would do to it. */
export async function describeSagaImpact(
  environment: string,
  input: { flow: string; version?: number },
): Promise<SagaImpact> {
  const { prisma } = database();
  const flow = await findFlow(prisma, environment, input.flow);
  const held = await countInFlight(prisma, environment, flow.id);
  const next =
    input.version === undefined ? readStored(flow.draft) : await findVersionDocument(prisma, flow.id, input.version);
  const sagas = held.filter(({ kind }) => kind === "saga");
  const versions = [...new Set(sagas.map(({ version }) => version))].map((version) => ({
    version,
    count: sum(sagas.filter((each) => each.version === version)),
  }));
  return {
    versions,
    count: sum(sagas),
    messages: sum(held) - sum(sagas),
    problems: next ? await findStranded(prisma, environment, flow.id, next, held) : [],
  };
}

/** Why what is in flight would be stranded when `next` is deployed; warnings, none when all goes on. */
export async function findStranded(
  db: Db,
  environment: string,
  flowId: string,
  next: FlowDocument,
  counted?: readonly HeldCount[],
): Promise<Problem[]> {
  const held = counted ?? (await countInFlight(db, environment, flowId));
  if (held.length === 0) return [];
  const connections = await db.connection.findMany({
    where: { project: defaultProject, environment },
    select: { name: true },
  });
  const known = new Set(connections.map(({ name }) => name));
  const problems: Problem[] = [];
  for (const version of new Set(held.map((each) => each.version))) {
    const own = held.filter((each) => each.version === version);
    const document = await findVersionDocument(db, flowId, version);
    if (document) problems.push(...explainStrands(version, document, next, own));
    if (document) problems.push(...explainConnections(version, document, known, own));
  }
  return problems;
}

function explainStrands(
  version: number,
  document: FlowDocument,
  next: FlowDocument,
  held: readonly HeldCount[],
): Problem[] {
  const ids = new Set(next.nodes.map(({ id }) => id));
  return findStrands(document, next).flatMap(({ node, input, from, holders }): Problem[] => {
    const own = held.filter((each) => holders.includes(each.node));
    if (own.length === 0) return [];
    const message = `${wordHeld(own)} on v${version} and may await what comes in by \`${node}.${input}\` from ${from}, which leads there no more. Keep that way until they have ended; else a person has to give \`${node}\` its result, or cancel them.`;
    return [{ code: "saga-stranded", severity: "warning", message, ...(ids.has(node) ? { node } : {}) }];
  });
}

function explainConnections(
  version: number,
  document: FlowDocument,
  known: ReadonlySet<string>,
  held: readonly HeldCount[],
): Problem[] {
  return connectionsOf(document)
    .filter((name) => !known.has(name))
    .map((name): Problem => {
      const message = `${wordHeld(held)} on v${version}, which uses the connection \`${name}\`; there is none of that name. Make it again on the Connections page, so that they can end.`;
      return { code: "saga-stranded", severity: "warning", message, fix: { do: "open-connections", connection: name } };
    });
}

/** `12 sagas began`, `1 message is held`. */
function wordHeld(held: readonly HeldCount[]): string {
  const sagas = sum(held.filter(({ kind }) => kind === "saga"));
  const messages = sum(held) - sagas;
  const parts = [
    ...(sagas === 0 ? [] : [sagas === 1 ? "1 saga began" : `${sagas} sagas began`]),
    ...(messages === 0 ? [] : [messages === 1 ? "1 message is held" : `${messages} messages are held`]),
  ];
  return parts.join(", ");
}

/** Names of the flows with something in flight on a version that uses a connection. */
export async function findFlowsInFlightOn(db: Db, environment: string, connection: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ flowId: string; version: number }[]>`
    SELECT DISTINCT "flowId", version FROM "Held" WHERE environment = ${environment} AND ${inFlight}`;
  const flows = new Set<string>();
  for (const { flowId, version } of rows) {
    const document = await findVersionDocument(db, flowId, version);
    if (document && connectionsOf(document).includes(connection)) flows.add(document.name);
  }
  return [...flows].sort();
}
