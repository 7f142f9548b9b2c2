import "server-only";
import type { Flow } from "@/prisma/generated/client";
import type { Actor } from "../audit";
import { can, roleFor } from "../can";
import { type Db, database } from "../database";
import { refusal } from "../refusal";
import type { ApplyResult } from "../views";
import { stopDeployment } from "./deploy";
import { announceDraft, dropFlow, lockFlow, writeDraft } from "./flows";
import { readDocument } from "./read-document";
import { countSagasInFlight, refuseHeldElsewhere } from "./saga-impact";

export interface ApplyRequest {
  /** Drafts; `revision`: of the draft that was seen, null where there was no such flow. */
  set: readonly { document?: unknown; revision: number | null }[];
  /** Flows to delete; `stop`: also if it runs. */
  remove: readonly { name: string; revision: number; stop?: boolean | undefined }[];
}

/**
 * Saves and deletes a set of flows in one transaction: all of it or nothing.
 * @throws TRPCError when a draft is not the one that was seen, with the name of each
 */
export async function applyFlows(actor: Actor, request: ApplyRequest): Promise<ApplyResult> {
  const set = request.set.map(({ document, revision }) => ({ document: readDocument(document), revision }));
  refuseTwice([...set.map(({ document }) => document.name), ...request.remove.map(({ name }) => name)]);
  if (request.remove.some(({ stop }) => stop)) refuseStopping(actor);
  const { prisma } = database();
  const seen = new Map([
    ...set.map(({ document, revision }) => [document.name, revision] as const),
    ...request.remove.map(({ name, revision }) => [name, revision] as const),
  ]);
  // What rests in a Redis is asked about before the transaction.
  for (const { name } of request.remove) await refuseHeldElsewhere(prisma, actor.environment, name);
  const result = await prisma.$transaction(async (tx): Promise<ApplyResult> => {
    const flows = await lockSeen(tx, seen);
    const saved: ApplyResult["saved"] = [];
    const removed: ApplyResult["removed"] = [];
    // Deleted first: what is made may take a place that they leave.
    for (const { name, stop } of request.remove) {
      const flow = flows.get(name)!;
      removed.push({ name, stopped: stop === true && (await stopIfRunning(tx, actor, flow)) });
      await dropFlow(tx, actor, flow);
    }
    for (const { document } of set) saved.push(await writeDraft(tx, actor, flows.get(document.name) ?? null, document));
    return { saved, removed };
  });
  for (const { name, revision } of result.saved) announceDraft(actor, name, revision);
  return result;
}

/** Locks every flow of the set, in the order of their names, so that two sets never wait for each other. */
async function lockSeen(tx: Db, seen: ReadonlyMap<string, number | null>): Promise<Map<string, Flow>> {
  const flows = new Map<string, Flow>();
  const stale: string[] = [];
  for (const name of [...seen.keys()].sort()) {
    const flow = await lockFlow(tx, name);
    const revision = seen.get(name) ?? null;
    if (flow) flows.set(name, flow);
    if ((flow?.revision ?? null) !== revision) stale.push(explainStale(name, revision, flow));
  }
  if (stale.length > 0) {
    throw refusal(
      "CONFLICT",
      "draft-stale",
      `Nothing was changed: ${stale.join("; ")}. Look at the plan again, then apply it.`,
    );
  }
  return flows;
}

function explainStale(name: string, seen: number | null, flow: Flow | null): string {
  if (!flow) return `“${name}” was deleted meanwhile (you saw revision ${seen})`;
  const by = flow.updatedBy ?? "somebody";
  if (seen === null) return `“${name}” was made meanwhile by ${by} (revision ${flow.revision})`;
  return `“${name}” was saved meanwhile by ${by} (you saw revision ${seen}, it is at ${flow.revision})`;
}

async function stopIfRunning(tx: Db, actor: Actor, flow: Flow): Promise<boolean> {
  const deployments = await tx.deployment.findMany({ where: { flowId: flow.id, desired: "running" } });
  for (const deployment of deployments) {
    const sagas = await countSagasInFlight(tx, deployment.environment, flow.id);
    await stopDeployment(tx, actor, flow.name, deployment, sagas);
  }
  return deployments.length > 0;
}

function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw refusal("BAD_REQUEST", "input-invalid", `“${twice}” is named twice. Nothing was changed.`);
}

function refuseStopping(actor: Actor): void {
  if (can(actor.me.role, "stop", "flow")) return;
  throw refusal(
    "FORBIDDEN",
    "role-too-small",
    `Stopping a flow before it is deleted needs the role ${roleFor("stop", "flow")}; you have ${actor.me.role}. Nothing was changed.`,
  );
}
