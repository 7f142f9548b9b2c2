import "server-only";
import type { FlowDocument } from "@/flow/document";
import type { Problem } from "@/flow/problems";
import { checkBegin } from "@/flow/source-group";
import type { Deployment, Flow, Prisma } from "@/prisma/generated/client";
import { type Actor, recordAudit } from "../audit";
import { type Db, database } from "../database";
import { hashDocument } from "../document-hash";
import { notFound, refusal } from "../refusal";
import type { Begin, DeploymentEventView, DeployResult } from "../views";
import { checkDocument, checkWebhooks, createMissingPlaces } from "./check-flow";
import { findFlow, findVersionDocument, readStored } from "./find-flow";
import { lockFlow } from "./flows";
import { countInFlight } from "./held-in-flight";
import { refuseUnmasking } from "./masks";
import { notifyWorkers } from "./notify";
import { countSagasInFlight, explainMove, findStranded } from "./saga-impact";
import { findFailingCases } from "./test-gate";

export interface DeployRequest {
  flow: string;
  /** A version to run; without it the draft is deployed. */
  version?: number;
  /** Revision of the draft that was looked at: a newer one is not deployed unseen. */
  revision?: number;
  message?: string;
  begin: Begin;
  createMissing?: boolean;
  /** Although sagas in flight would be stranded. */
  strand?: boolean;
}

/** Checks, makes a version of the draft when it differs from the newest, and asks the workers to run it. */
export async function deployFlow(actor: Actor, request: DeployRequest): Promise<DeployResult> {
  return runVersion(actor, request, "deploy");
}

/** Runs the version before the present one again. The one that ran becomes the one to return to. */
export async function rollBack(
  actor: Actor,
  { flow: flowName, strand }: { flow: string; strand?: boolean },
): Promise<DeployResult> {
  const { deployment } = await findFlow(database().prisma, actor.environment, flowName);
  if (deployment?.previous == null) {
    throw refusal(
      "PRECONDITION_FAILED",
      "rollback-nowhere",
      `No other version of “${flowName}” ran before, so there is none to return to.`,
    );
  }
  const request: DeployRequest = { flow: flowName, version: deployment.previous, begin: { from: "continue" } };
  return runVersion(actor, { ...request, strand: strand === true }, "rollback");
}

/** Runs the version of a stopped flow again: it goes on where it stood. */
export async function startFlow(
  actor: Actor,
  { flow: flowName, strand }: { flow: string; strand?: boolean },
): Promise<DeployResult> {
  const { deployment } = await findFlow(database().prisma, actor.environment, flowName);
  if (deployment?.desired !== "stopped") {
    const [code, words] = deployment
      ? ["flow-running", `“${flowName}” runs already, on v${deployment.version}.`]
      : ["flow-not-deployed", `“${flowName}” was never deployed, so there is nothing to start. Deploy it.`];
    throw refusal("PRECONDITION_FAILED", code, words);
  }
  const request: DeployRequest = { flow: flowName, version: deployment.version, begin: { from: "continue" } };
  return runVersion(actor, { ...request, strand: strand === true }, "start");
}

/** Asks the workers to stop the flow. What is in flight is finished first; `sagas`, so many, rest until it is deployed again. */
export async function stopFlow(actor: Actor, flowName: string): Promise<{ revision: number; sagas: number }> {
  const { prisma } = database();
  const { id: flowId } = await findFlow(prisma, actor.environment, flowName);
  const sagas = await countSagasInFlight(prisma, actor.environment, flowId);
  return prisma.$transaction(async (tx) => {
    if (!(await lockFlow(tx, flowName))) throw notFound("flow", flowName);
    const { deployment } = await findFlow(tx, actor.environment, flowName);
    if (!deployment)
      throw refusal(
        "PRECONDITION_FAILED",
        "flow-not-deployed",
        `“${flowName}” was never deployed, so there is nothing to stop.`,
      );
    return { revision: await stopDeployment(tx, actor, flowName, deployment, sagas), sagas };
  });
}

/** Asks the workers to stop a deployment, of a flow that is locked. @returns its revision */
export async function stopDeployment(
  tx: Db,
  actor: Actor,
  flowName: string,
  deployment: Deployment,
  sagas: number,
): Promise<number> {
  if (deployment.desired === "stopped") return deployment.revision;
  const { id: deploymentId, version } = deployment;
  const revision = deployment.revision + 1;
  await tx.deployment.update({
    where: { id: deploymentId },
    data: { desired: "stopped", revision, updatedBy: actor.me.name },
  });
  await writeEvent(tx, actor, { deploymentId, action: "stop", version, revision });
  await recordAudit(tx, actor, "deployment.stop", flowName, { version, revision, sagas });
  await notifyWorkers(tx, "deployment");
  return revision;
}

/** What was deployed, stopped and rolled back here, the newest first. */
export async function listEvents(environment: string, flowName: string): Promise<DeploymentEventView[]> {
  const { prisma } = database();
  const { deployment } = await findFlow(prisma, environment, flowName);
  if (!deployment) return [];
  const events = await prisma.deploymentEvent.findMany({
    where: { deploymentId: deployment.id },
    orderBy: { at: "desc" },
    take: 200,
  });
  return events.map(({ action, version, revision, message, by, at }) => ({
    action: action as DeploymentEventView["action"],
    version,
    revision,
    message,
    by,
    at,
  }));
}

async function runVersion(
  actor: Actor,
  request: DeployRequest,
  action: "deploy" | "start" | "rollback",
): Promise<DeployResult> {
  const { prisma } = database();
  const flow = await findFlow(prisma, actor.environment, request.flow);
  refuseStale(flow, request);
  const chosen = request.version === undefined ? flow.draft : await readVersion(prisma, flow, request.version);
  const problems = await findObstacles(actor.environment, flow.id, chosen, {
    createMissing: request.createMissing === true,
    // What ran before goes on, or is gone back to: no case stands in the way.
    runCases: action === "deploy",
  });
  if (problems.some((problem) => problem.severity === "error")) return { ok: false, problems };
  const next = readStored(chosen);
  const kept = next && request.begin.from !== "continue" ? await findKeptGroups(prisma, flow, next) : [];
  if (kept.length > 0) return { ok: false, problems: [...kept, ...problems] };
  // Back to what ran before is a way out that nothing stands in.
  if (flow.deployment && action === "deploy")
    await refuseUnmasking(actor, { flowId: flow.id, version: flow.deployment.version }, next);
  const counted = await countInFlight(prisma, actor.environment, flow.id);
  const stranded = next ? await findStranded(prisma, actor.environment, flow.id, next, counted) : [];
  const move = next ? explainMove(next, counted.held) : null;
  if (stranded.length > 0 && !request.strand) {
    return { ok: false, problems: [...stranded, ...problems], confirm: "strand" };
  }

  return prisma.$transaction(async (tx): Promise<DeployResult> => {
    const locked = await lockFlow(tx, request.flow);
    // Another flow may have taken the name meanwhile: its versions are others.
    if (locked?.id !== flow.id) throw notFound("flow", request.flow);
    // What was checked must be what is deployed: a save in between is refused, not deployed unchecked.
    if (request.version === undefined) refuseStale(locked, { ...request, revision: flow.revision });
    const { number, created } =
      request.version === undefined
        ? await keepVersion(tx, actor, locked, chosen, request.message ?? "")
        : { number: request.version, created: false };
    const deployment = await upsertDeployment(tx, actor, locked, { number, label: readLabel(chosen) }, request.begin);
    const { id: deploymentId, revision } = deployment;
    await writeEvent(tx, actor, { deploymentId, action, version: number, revision, message: request.message ?? "" });
    await recordAudit(tx, actor, `deployment.${action}`, request.flow, {
      version: number,
      revision,
      // The first one has nothing to go on from.
      begin: revision === 1 && request.begin.from === "continue" ? "kind" : request.begin.from,
      ...(stranded.length > 0 ? { stranded: stranded.map(({ message }) => message) } : {}),
    });
    await notifyWorkers(tx, "deployment");
    const waits = problems.find((problem) => problem.code === "worker-label-missing");
    return {
      ok: true,
      version: number,
      revision,
      createdVersion: created,
      ...(waits ? { waits } : {}),
      ...(move ? { move } : {}),
    };
  });
}

/** Sources that surely would not begin anew. */
async function findKeptGroups(
  db: Db,
  { id, deployment }: Awaited<ReturnType<typeof findFlow>>,
  next: FlowDocument,
): Promise<Problem[]> {
  const deployed = deployment && (await findVersionDocument(db, id, deployment.version));
  return checkBegin(next, deployed).filter(({ severity }) => severity === "error");
}

function refuseStale(flow: Pick<Flow, "name" | "revision" | "updatedBy">, request: DeployRequest): void {
  if (request.revision === undefined || request.version !== undefined || request.revision === flow.revision) return;
  throw refusal(
    "CONFLICT",
    "draft-stale",
    `${flow.updatedBy ?? "Somebody"} saved “${flow.name}” meanwhile: you saw revision ${request.revision}, it is at ${flow.revision}. Look at it, then deploy again.`,
  );
}

async function readVersion(db: Db, flow: Flow, number: number): Promise<Prisma.JsonValue> {
  const version = await db.flowVersion.findUnique({
    where: { flowId_number: { flowId: flow.id, number } },
    select: { document: true },
  });
  if (!version) throw notFound("version", `${flow.name}@${number}`);
  return version.document;
}

async function findObstacles(
  environment: string,
  flowId: string,
  file: unknown,
  { createMissing, runCases }: { createMissing: boolean; runCases: boolean },
): Promise<Problem[]> {
  const checked = await checkDocument(environment, file);
  const isError = ({ severity, fix }: Problem) => severity === "error" && fix?.do !== "create-place";
  const document = readStored(file);
  const failing =
    runCases && document && !checked.problems.some(isError) ? await findFailingCases(environment, document) : [];
  const problems = [...failing, ...checked.problems];
  const otherErrors = problems.some(isError);
  // Places are made only when nothing else stands in the way: a deploy that is refused leaves the broker as it was.
  const left = createMissing && !otherErrors ? await createMissingPlaces(environment, problems) : problems;
  if (left.some((problem) => problem.code.startsWith("file-"))) return left;
  return [...left, ...(await checkWebhooks(environment, flowId, file as FlowDocument))];
}

/** The newest version when it is the same, else a new one. */
async function keepVersion(
  tx: Db,
  actor: Actor,
  flow: Flow,
  document: unknown,
  message: string,
): Promise<{ number: number; created: boolean }> {
  const newest = await tx.flowVersion.findFirst({
    where: { flowId: flow.id },
    orderBy: { number: "desc" },
    select: { number: true, hash: true },
  });
  const hash = hashDocument(document);
  if (newest?.hash === hash) return { number: newest.number, created: false };
  const number = (newest?.number ?? 0) + 1;
  await tx.flowVersion.create({
    data: {
      flowId: flow.id,
      number,
      document: document as Prisma.InputJsonValue,
      hash,
      message,
      authorId: actor.me.id,
      author: actor.me.name,
    },
  });
  return { number, created: true };
}

/** The label of the workers that run this document. */
function readLabel(document: unknown): string | null {
  return readStored(document)?.settings?.workers ?? null;
}

async function upsertDeployment(
  tx: Db,
  actor: Actor,
  flow: Flow,
  { number: version, label }: { number: number; label: string | null },
  begin: Begin,
): Promise<Deployment> {
  const { environment } = actor;
  const existing = await tx.deployment.findUnique({ where: { environment_flowId: { environment, flowId: flow.id } } });
  const updatedBy = actor.me.name;
  if (!existing) {
    const start = begin.from === "continue" ? { from: "kind" } : { ...begin };
    const groupName = await findFreeGroupName(tx, environment, flow.name);
    return tx.deployment.create({
      data: { environment, flowId: flow.id, groupName, version, desired: "running", start, label, updatedBy },
    });
  }
  const anew = begin.from === "continue" ? {} : { generation: existing.generation + 1, start: { ...begin } };
  return tx.deployment.update({
    where: { id: existing.id },
    data: {
      version,
      previous: version === existing.version ? existing.previous : existing.version,
      desired: "running",
      revision: existing.revision + 1,
      label,
      updatedBy,
      ...anew,
    },
  });
}

/** Two flows must never share groups: a flow that was renamed keeps the name that a new flow may have taken since. */
async function findFreeGroupName(tx: Db, environment: string, wished: string): Promise<string> {
  const taken = new Set(
    (await tx.deployment.findMany({ where: { environment }, select: { groupName: true } })).map((row) => row.groupName),
  );
  let name = wished;
  for (let count = 2; taken.has(name); count++) name = `${wished}-${count}`;
  return name;
}

async function writeEvent(
  tx: Db,
  actor: Actor,
  event: { deploymentId: string; action: string; version: number; revision: number; message?: string },
): Promise<void> {
  await tx.deploymentEvent.create({ data: { ...event, by: actor.me.name } });
}
