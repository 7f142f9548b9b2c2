import "server-only";
import type { TRPCError } from "@trpc/server";
import { findKind } from "@/flow/catalog";
import { connectionKinds } from "@/flow/connection-catalog";
import { defaultProject } from "@/flow/control";
import { type FlowDocument, flowFormat, flowNamePattern } from "@/flow/document";
import { listPlaces } from "@/flow/flow-places";
import { keepPlaces } from "@/flow/keep-places";
import { describeSettingsChanges } from "@/flow/settings-changes";
import type { Flow, Prisma } from "@/prisma/generated/client";
import { type Actor, recordAudit, recordSitting } from "../audit";
import { companions } from "../companions";
import { type Db, database } from "../database";
import { writeCanonical } from "../document-hash";
import { groupIdOf } from "../flow-places";
import { notFound, refusal } from "../refusal";
import type { FlowImpact, SaveResult } from "../views";
import { asDiscarded } from "./discard";
import { findFlow, readStored } from "./find-flow";
import { leaveMasks } from "./masks";
import { readDocument } from "./read-document";
import { describeSagaImpact, refuseHeldElsewhere, refuseInFlight } from "./saga-impact";

/** Makes a flow, empty or from a file. A name that is not asked for outright gives way when it is taken. */
export async function createFlow(
  actor: Actor,
  input: { title: string; name?: string; document?: unknown },
): Promise<{ name: string }> {
  const file = input.document === undefined ? null : readDocument(input.document);
  const { prisma } = database();
  const wished = input.name ?? file?.name ?? nameFrom(input.title);
  const name = input.name === undefined ? await findFreeName(prisma, wished) : wished;
  const title = input.title.trim() || (file?.title ?? name);
  const document: FlowDocument = { ...(file ?? { format: flowFormat, nodes: [], edges: [] }), name, title };
  await prisma.$transaction(async (tx) => {
    await insertFlow(tx, actor, document);
    await recordAudit(tx, actor, "flow.create", name);
  });
  return { name };
}

/** Settings are told by what of them was changed, each time: who masked what, and when, is asked for later. */
async function tellSave(tx: Db, actor: Actor, before: FlowDocument | null, document: FlowDocument, revision: number) {
  const { settings: was, ...drawn } = before ?? document;
  const { settings: is, ...draws } = document;
  const changes = before ? describeSettingsChanges(was, is) : [];
  if (changes.length > 0) await recordAudit(tx, actor, "flow.settings", document.name, { changes, revision });
  if (changes.length === 0 || writeCanonical(drawn) !== writeCanonical(draws))
    await recordSitting(tx, actor, "flow.save", document.name, { revision });
}

/** Saves a draft over the revision it began with. When another has saved meanwhile, nothing changes and both sides come back. */
export async function saveDraft(
  actor: Actor,
  input: { name: string; revision: number; document: FlowDocument; tab?: string | undefined },
): Promise<SaveResult> {
  const { prisma } = database();
  const document = { ...input.document, name: input.name };
  const result = await prisma.$transaction(async (tx): Promise<SaveResult> => {
    const place = { project_name: { project: defaultProject, name: input.name } };
    const before = await tx.flow.findUnique({ where: place, select: { draft: true } });
    const saved = await tx.flow.updateMany({
      where: { project: defaultProject, name: input.name, revision: input.revision },
      data: { ...draftFields(actor, document), revision: { increment: 1 } },
    });
    if (saved.count === 1) {
      const revision = input.revision + 1;
      await tellSave(tx, actor, readStored(before?.draft), document, revision);
      return { ok: true, revision };
    }
    const flow = await findFlow(tx, actor.environment, input.name);
    // The answer to an earlier save may have been lost on its way: the same drawing is no conflict.
    if (writeCanonical(flow.draft) === writeCanonical(document)) return { ok: true, revision: flow.revision };
    return {
      ok: false,
      conflict: {
        yours: input.revision,
        theirs: flow.revision,
        theirDraft: flow.draft as unknown as FlowDocument,
        updatedBy: flow.updatedBy ?? "",
      },
    };
  });
  if (result.ok) announceDraft(actor, input.name, result.revision, input.tab);
  return result;
}

/** Tells the open tabs that a draft was saved, once it is. */
export function announceDraft(actor: Actor, flow: string, revision: number, tab?: string): void {
  companions(actor.environment).announce({ flow, revision, by: actor.me.name, tab: tab ?? null });
}

/** Saves a file as the draft of the flow that it names, making the flow when there is none. An unchanged file changes nothing. */
export async function pushFlow(
  actor: Actor,
  file: unknown,
): Promise<{ name: string; created: boolean; revision: number }> {
  const document = readDocument(file);
  const { prisma } = database();
  const result = await prisma.$transaction(async (tx) => {
    const existing = await lockFlow(tx, document.name);
    return writeDraft(tx, actor, existing, document);
  });
  announceDraft(actor, result.name, result.revision);
  return result;
}

/** Makes the document the draft of a flow that is locked, or makes the flow where there is none. An unchanged one changes nothing. */
export async function writeDraft(
  tx: Db,
  actor: Actor,
  existing: Flow | null,
  document: FlowDocument,
): Promise<{ name: string; created: boolean; revision: number }> {
  const { name } = document;
  if (!existing) {
    await insertFlow(tx, actor, document);
    await recordAudit(tx, actor, "flow.create", name);
    return { name, created: true, revision: 1 };
  }
  const next = keepPlaces(document, readStored(existing.draft));
  if (writeCanonical(existing.draft) === writeCanonical(next)) {
    return { name, created: false, revision: existing.revision };
  }
  const revision = existing.revision + 1;
  await tx.flow.update({ where: { id: existing.id }, data: { ...draftFields(actor, next), revision } });
  const settings = describeSettingsChanges(readStored(existing.draft)?.settings, next.settings);
  await recordAudit(tx, actor, "flow.push", name, { revision, ...(settings.length > 0 ? { settings } : {}) });
  return { name, created: false, revision };
}

/** Another title, and another name if asked for. What runs goes on: its group ids keep the name of the first deploy. */
export async function renameFlow(
  actor: Actor,
  input: { name: string; title: string; newName?: string },
): Promise<{ name: string; revision: number }> {
  const { prisma } = database();
  const name = input.newName ?? input.name;
  const result = await prisma.$transaction(async (tx) => {
    const flow = await lockFlow(tx, input.name);
    if (!flow) throw notFound("flow", input.name);
    if (name !== input.name) await refuseTakenName(tx, name);
    const revision = flow.revision + 1;
    const draft = { ...(flow.draft as Prisma.JsonObject), name, title: input.title };
    await tx.flow.update({
      where: { id: flow.id },
      data: { name, title: input.title, draft, revision, updatedBy: actor.me.name },
    });
    await recordAudit(tx, actor, "flow.rename", input.name, { name, title: input.title });
    return { name, revision };
  });
  announceDraft(actor, result.name, result.revision);
  return result;
}

/** A copy of the draft under a free name. */
export async function duplicateFlow(actor: Actor, name: string): Promise<{ name: string }> {
  const { prisma } = database();
  const flow = await findFlow(prisma, actor.environment, name);
  const draft = readStored(flow.draft);
  if (!draft)
    throw refusal("PRECONDITION_FAILED", "file-format", "The draft is of a format that this version cannot copy.");
  return createFlow(actor, {
    title: `${flow.title} (copy)`,
    document: { ...draft, name: `${name}-copy`.slice(0, 63) },
  });
}

/**
 * Deletes a stopped flow with its versions, and the messages that it holds. Runs and ended sagas stay until their days are over; dead
 * letters that wait are marked as discarded. Sagas in flight end on its versions, so as long as there are any it stays.
 */
export async function removeFlow(actor: Actor, name: string): Promise<void> {
  const { prisma } = database();
  await refuseHeldElsewhere(prisma, actor.environment, name);
  await prisma.$transaction(async (tx) => {
    const locked = await lockFlow(tx, name);
    if (!locked) throw notFound("flow", name);
    await dropFlow(tx, actor, locked);
  });
}

/** Deletes a flow that is locked, with all that is its own. @throws TRPCError while it runs or has sagas in flight */
export async function dropFlow(tx: Db, actor: Actor, locked: Flow): Promise<void> {
  const deployments = await tx.deployment.findMany({ where: { flowId: locked.id } });
  if (deployments.some((deployment) => deployment.desired === "running")) {
    throw refusal(
      "PRECONDITION_FAILED",
      "flow-running",
      `“${locked.title}” is running. Stop it first, then delete it.`,
    );
  }
  await refuseInFlight(tx, locked);
  await tx.$executeRaw`DELETE FROM "Held" WHERE "flowId" = ${locked.id} AND kind = 'message'`;
  const reason = "The flow was deleted.";
  await tx.redrive.updateMany({
    where: { flowId: locked.id, state: { in: ["planned", "running", "paused"] } },
    data: { state: "stopped", reason, endedAt: new Date() },
  });
  await tx.deadLetter.updateMany({
    where: { flowId: locked.id, state: { in: ["waiting", "queued"] } },
    data: asDiscarded(actor, reason),
  });
  await tx.liveCount.deleteMany({ where: { deploymentId: { in: deployments.map(({ id }) => id) } } });
  await leaveMasks(tx, locked.id);
  await tx.flow.delete({ where: { id: locked.id } });
  await recordAudit(tx, actor, "flow.remove", locked.name);
}

/** What deleting a flow touches, and what stays on the brokers. */
export async function describeImpact(environment: string, name: string): Promise<FlowImpact> {
  const flow = await findFlow(database().prisma, environment, name);
  const document = readStored(flow.draft) ?? { format: flowFormat, name, nodes: [], edges: [] };
  const { deployment } = flow;
  const { count: sagas, messages } = await describeSagaImpact(environment, { flow: name });
  const stays = [
    ...(deployment ? listGroups(document, (node) => groupIdOf({ ...deployment, environment, node })) : []),
    ...listStaying(document),
  ];
  return { running: deployment?.desired === "running", stays, sagas, messages };
}

/** The groups of its sources that stay on brokers which know them by name. */
function listGroups(document: FlowDocument, groupOf: (node: string) => string): FlowImpact["stays"] {
  const kinds = new Map(document.nodes.map((node) => [node.id, findKind(node.kind)]));
  const read = listPlaces(document).filter(({ node }) => kinds.get(node)?.role === "source");
  return connectionKinds.flatMap(({ kind, label, groups }) => {
    const names = read.filter((place) => place.kind === kind).map(({ node }) => groupOf(node));
    return groups && names.length > 0 ? [{ on: label, what: groups, names: [...new Set(names)] }] : [];
  });
}

function listStaying(document: FlowDocument): FlowImpact["stays"] {
  const named = listPlaces(document);
  return connectionKinds.flatMap(({ kind, label, places }) =>
    places.flatMap(({ type, plural, messages }) => {
      const own = named.filter((place) => place.kind === kind && place.type === type).map((place) => place.name);
      const what = `${plural.toLowerCase()}${messages ? " and what is in them" : ""}`;
      return own.length > 0 ? [{ on: label, what, names: [...new Set(own)].sort() }] : [];
    }),
  );
}

async function insertFlow(tx: Db, actor: Actor, document: FlowDocument): Promise<void> {
  await refuseTakenName(tx, document.name);
  const { name } = document;
  const data = { project: defaultProject, environment: actor.environment, name, ...draftFields(actor, document) };
  // Two may make it at the same moment, each having seen that the name is free.
  const { count } = await tx.flow.createMany({ data, skipDuplicates: true });
  if (count === 0) throw refuseTaken(name);
}

function draftFields(actor: Actor, document: FlowDocument) {
  return {
    draft: document as unknown as Prisma.InputJsonObject,
    title: document.title ?? document.name,
    description: document.description ?? "",
    updatedBy: actor.me.name,
  };
}

/** Reads the flow and keeps others from changing it until the transaction ends. */
export async function lockFlow(tx: Db, name: string): Promise<Flow | null> {
  await tx.$executeRaw`SELECT 1 FROM "Flow" WHERE "project" = ${defaultProject} AND "name" = ${name} FOR UPDATE`;
  return tx.flow.findUnique({ where: { project_name: { project: defaultProject, name } } });
}

async function refuseTakenName(db: Db, name: string): Promise<void> {
  if (!flowNamePattern.test(name)) {
    throw refusal(
      "BAD_REQUEST",
      "flow-name-invalid",
      `“${name}” is not a name: use a-z, 0-9 and -, at most 63 characters.`,
    );
  }
  if ((await db.flow.count({ where: { project: defaultProject, name } })) > 0) {
    throw refuseTaken(name);
  }
}

function refuseTaken(name: string): TRPCError {
  return refusal("CONFLICT", "flow-name-taken", `There is a flow “${name}” already. Choose another name.`);
}

async function findFreeName(db: Db, wished: string): Promise<string> {
  const taken = new Set(
    (await db.flow.findMany({ where: { project: defaultProject }, select: { name: true } })).map((flow) => flow.name),
  );
  let name = wished;
  for (let count = 2; taken.has(name); count++) name = `${wished.slice(0, 58)}-${count}`;
  return name;
}

function nameFrom(title: string): string {
  const plain = title
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return plain.slice(0, 58).replace(/-+$/, "") || "flow";
}
