import "server-only";
import { defaultProject } from "@/flow/control";
import type { FlowDocument } from "@/flow/document";
import { buildGraph } from "@/flow/graph";
import { openStatuses } from "@/flow/held-search";
import type { Problem } from "@/flow/problems";
import { findStrands, mayComeTo } from "@/flow/saga/strand";
import { type Db, database } from "../database";
import { connectionsOf, connectionsOfNode } from "../flow-places";
import { refusal } from "../refusal";
import type { SagaImpact } from "../saga-views";
import { findFlow, findVersionDocument, readStored } from "./find-flow";
import { countInFlight, type HeldCount, type InFlight, sum } from "./held-in-flight";
import { inFlight } from "./held-sagas";
import { countOnShelf, findShelves } from "./held-shelves";

/** How many sagas rest when the flow is stopped; 0 also where nobody can be asked, as then none of them went on anyway. */
export async function countSagasInFlight(db: Db, environment: string, flowId: string): Promise<number> {
  const { held } = await countInFlight(db, environment, flowId);
  return sum(held.filter(({ kind }) => kind === "saga"));
}

/**
 * A flow is deleted with its versions, and on those its sagas end. What rests in a Redis is asked about before the transaction that deletes.
 * @throws TRPCError as long as there are any, or where no worker can be asked
 */
export async function refuseHeldElsewhere(db: Db, environment: string, name: string): Promise<void> {
  const { id, title } = await findFlow(db, environment, name);
  for (const shelf of await findShelves(db, environment, id)) {
    const open = (await countOnShelf(environment, shelf, id)).filter(({ status }) => openStatuses.includes(status));
    refuseSome(
      title,
      open.reduce((total, { count }) => total + count, 0),
    );
  }
}

/** As `refuseHeldElsewhere`, of what rests in Postgres, in every environment. */
export async function refuseInFlight(db: Db, flow: { id: string; title: string }): Promise<void> {
  const [row] = await db.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) AS count FROM "Held" WHERE "flowId" = ${flow.id} AND kind = 'saga' AND ${inFlight}`;
  refuseSome(flow.title, Number(row!.count));
}

function refuseSome(title: string, count: number): void {
  if (count === 0) return;
  const sagas = count === 1 ? "1 saga" : `${count} sagas`;
  throw refusal(
    "PRECONDITION_FAILED",
    "sagas-in-flight",
    `“${title}” has ${sagas} in flight. Deploy it again so that they end, or cancel them and let them be undone; then stop it and delete it.`,
  );
}

/** What is in flight, and what a deploy of the draft, of a version, or of a file would do to it. */
export async function describeSagaImpact(
  environment: string,
  input: { flow: string; version?: number; document?: unknown },
): Promise<SagaImpact> {
  const { prisma } = database();
  const flow = await findFlow(prisma, environment, input.flow);
  const counted = await countInFlight(prisma, environment, flow.id);
  const { held } = counted;
  const next =
    input.version === undefined
      ? readStored(input.document ?? flow.draft)
      : await findVersionDocument(prisma, flow.id, input.version);
  const sagas = held.filter(({ kind }) => kind === "saga");
  const versions = [...new Set(sagas.map(({ version }) => version))].map((version) => ({
    version,
    count: sum(sagas.filter((each) => each.version === version)),
  }));
  return {
    versions,
    count: sum(sagas),
    messages: sum(held) - sum(sagas),
    move: next ? explainMove(next, held) : null,
    problems: next ? await findStranded(prisma, environment, flow.id, next, counted) : [],
  };
}

/** Why what is in flight would be stranded when `next` is deployed; warnings, none when all goes on. */
export async function findStranded(
  db: Db,
  environment: string,
  flowId: string,
  next: FlowDocument,
  counted?: InFlight,
): Promise<Problem[]> {
  const { held, unseen } = counted ?? (await countInFlight(db, environment, flowId));
  const problems: Problem[] = unseen === null ? [] : [{ code: "saga-stranded", severity: "warning", message: unseen }];
  if (held.length === 0) return problems;
  const connections = await db.connection.findMany({
    where: { project: defaultProject, environment },
    select: { name: true },
  });
  const known = new Set(connections.map(({ name }) => name));
  for (const version of new Set(held.map((each) => each.version))) {
    const own = held.filter((each) => each.version === version);
    const document = await findVersionDocument(db, flowId, version);
    if (document) problems.push(...explainStrands(version, document, next, own));
    if (document) problems.push(...explainConnections(version, document, known, own));
  }
  return problems;
}

/** What rests elsewhere than where a version holds stays there, and goes on from there; in words, `null` where nothing does. */
export function explainMove(next: FlowDocument, held: readonly HeldCount[]): string | null {
  const place = next.settings?.holding?.connection ?? null;
  const word = (each: string | null) => (each === null ? "Postgres" : `the Redis of \`${each}\``);
  const others = [...new Set(held.map((each) => each.place))].filter((each) => each !== place);
  if (others.length === 0) return null;
  const parts = others.map((each) => `${wordHeld(held.filter((one) => one.place === each))} in ${word(each)}`);
  return `This version holds in ${word(place)}. What is held already, ${parts.join(" and ")}, is not moved: it goes on from where it is. Keep that place until it is empty.`;
}

function explainStrands(
  version: number,
  document: FlowDocument,
  next: FlowDocument,
  held: readonly HeldCount[],
): Problem[] {
  const ids = new Set(next.nodes.map(({ id }) => id));
  return findStrands(document, next).flatMap(({ node, input, from, concerns }): Problem[] => {
    const own = held.filter(concerns);
    if (own.length === 0) return [];
    const message = `${wordHeld(own)} of v${version} (${wordSteps(own)}) may await what comes in by \`${node}.${input}\` from ${from}, which leads there no more. Keep that way until they have ended; else a person has to give \`${node}\` its result, or cancel them.`;
    return [{ code: "saga-stranded", severity: "warning", message, ...(ids.has(node) ? { node } : {}) }];
  });
}

function explainConnections(
  version: number,
  document: FlowDocument,
  known: ReadonlySet<string>,
  held: readonly HeldCount[],
): Problem[] {
  const graph = buildGraph(document);
  return connectionsOf(document)
    .filter((name) => !known.has(name))
    .flatMap((name): Problem[] => {
      const users = document.nodes.filter((node) => connectionsOfNode(node).includes(name));
      const comesTo = users.map(({ id }) => mayComeTo(graph, id));
      const isPlace = document.settings?.holding?.connection === name;
      const own = isPlace ? held : held.filter((each) => comesTo.some((comes) => comes(each)));
      if (own.length === 0) return [];
      const message = `The connection \`${name}\`, which v${version} uses, does not exist, and ${wordHeld(own)} of v${version} (${wordSteps(own)}) may need it. Make it again on the Connections page.`;
      return [
        { code: "saga-stranded", severity: "warning", message, fix: { do: "open-connections", connection: name } },
      ];
    });
}

/** `7 at \`reserve\`, 2 at \`paid\``: where they stand, the most first; one that stands at several nodes counts at each. */
function wordSteps(held: readonly HeldCount[]): string {
  const counts = new Map<string, number>();
  for (const { steps, count } of held) for (const step of steps) counts.set(step, (counts.get(step) ?? 0) + count);
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  const named = sorted.slice(0, namedSteps).map(([step, count]) => `${count} at \`${step}\``);
  if (sorted.length > namedSteps) named.push(`more at ${sorted.length - namedSteps} other nodes`);
  return named.join(", ") || "just beginning";
}
const namedSteps = 5;

/** `12 sagas`, `1 held message`. */
function wordHeld(held: readonly HeldCount[]): string {
  const sagas = sum(held.filter(({ kind }) => kind === "saga"));
  const messages = sum(held) - sagas;
  const parts = [
    ...(sagas === 0 ? [] : [sagas === 1 ? "1 saga" : `${sagas} sagas`]),
    ...(messages === 0 ? [] : [messages === 1 ? "1 held message" : `${messages} held messages`]),
  ];
  return parts.join(" and ");
}

/** Names of the flows with something in flight on a version that uses a connection. */
export async function findFlowsInFlightOn(db: Db, environment: string, connection: string): Promise<string[]> {
  const deployments = await db.deployment.findMany({ where: { environment }, select: { flowId: true, version: true } });
  const flows = new Set<string>();
  for (const { flowId, version } of deployments) {
    const { held, unseen } = await countInFlight(db, environment, flowId);
    // Where it cannot be looked, what runs is taken for what is held.
    const versions = new Set([...held.map((each) => each.version), ...(unseen === null ? [] : [version])]);
    for (const each of versions) {
      const document = await findVersionDocument(db, flowId, each);
      if (document && connectionsOf(document).includes(connection)) flows.add(document.name);
    }
  }
  return [...flows].sort();
}
