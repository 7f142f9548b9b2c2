import "server-only";
import { defaultProject } from "@/flow/control";
import { stopRedrive } from "@/prisma/choose-letters";
import type { Redrive } from "@/prisma/generated/client";
import { type Actor, recordAudit } from "../audit";
import { type Db, database } from "../database";
import { notFound, refusal } from "../refusal";
import type { RedriveView } from "../views";
import { findFlow } from "./find-flow";
import { notifyWorkers } from "./notify";

const openStates = ["planned", "running", "paused"];

export interface RedriveFilter {
  flow?: string;
  /** Only those without an end. */
  open?: boolean;
  limit?: number;
}

/** Redrives, the newest first. */
export async function listRedrives(environment: string, filter: RedriveFilter): Promise<RedriveView[]> {
  const { prisma } = database();
  const rows = await prisma.redrive.findMany({
    where: {
      project: defaultProject,
      environment,
      ...(filter.flow === undefined ? {} : { flowId: (await findFlow(prisma, environment, filter.flow)).id }),
      ...(filter.open ? { state: { in: openStates } } : {}),
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: filter.limit ?? 50,
  });
  return viewRedrives(prisma, rows);
}

export async function getRedrive(environment: string, id: string): Promise<RedriveView> {
  const { prisma } = database();
  const [view] = await viewRedrives(prisma, [await findRedrive(prisma, environment, id)]);
  return view!;
}

/** Pauses, resumes or stops a redrive. What is on its way at that moment ends as it ends. */
export async function steerRedrive(actor: Actor, id: string, to: "pause" | "resume" | "stop"): Promise<RedriveView> {
  const { prisma } = database();
  await prisma.$transaction(
    async (tx) => {
      const row = await findRedrive(tx, actor.environment, id);
      const changed =
        to === "stop" ? await stopRedrive(tx, id, null) : to === "pause" ? await pause(tx, id) : await resume(tx, row);
      if (!changed) throw refusal("CONFLICT", "redrive-ended", `The redrive is ${row.state}; it cannot ${to}.`);
      await recordAudit(tx, actor, `redrive.${to}`, row.flow, { redrive: id });
      await notifyWorkers(tx, "redrive");
    },
    { timeout: 120_000 },
  );
  return getRedrive(actor.environment, id);
}

async function pause(tx: Db, id: string): Promise<boolean> {
  const where = { id, state: { in: ["planned", "running"] } };
  return (await tx.redrive.updateMany({ where, data: { state: "paused" } })).count > 0;
}

async function resume(tx: Db, { id, chosen, failedAgain, pauseAfter }: Redrive): Promise<boolean> {
  const brake = pauseAfter === null ? {} : { pauseAt: failedAgain + pauseAfter };
  const data = { state: chosen ? "running" : "planned", reason: null, ...brake };
  return (await tx.redrive.updateMany({ where: { id, state: "paused" }, data })).count > 0;
}

async function findRedrive(db: Db, environment: string, id: string): Promise<Redrive> {
  const row = await db.redrive.findFirst({ where: { id, project: defaultProject, environment } });
  if (!row) throw notFound("redrive", id);
  return row;
}

/** As people see them: with what is left, counted from the letters. */
export async function viewRedrives(db: Db, rows: readonly Redrive[]): Promise<RedriveView[]> {
  const [left, flows] = await Promise.all([
    db.deadLetter.groupBy({
      by: ["redriveId"],
      where: { redriveId: { in: rows.map(({ id }) => id) }, state: { in: ["queued", "sending"] } },
      _count: { _all: true },
    }),
    db.flow.findMany({
      where: { id: { in: rows.map(({ flowId }) => flowId) } },
      select: { id: true, name: true, title: true },
    }),
  ]);
  const leftOf = new Map(left.map((group) => [group.redriveId, group._count._all]));
  const flowOf = new Map(flows.map((flow) => [flow.id, flow]));
  return rows.map((row) => ({
    id: row.id,
    flow: flowOf.get(row.flowId)?.name ?? row.flow,
    flowTitle: flowOf.get(row.flowId)?.title ?? row.flow,
    state: row.state as RedriveView["state"],
    target: row.target === "source" ? "source" : "node",
    ids: row.ids.length,
    cause: row.cause,
    where: row.condition,
    edit: row.edit,
    rate: row.rate,
    pauseAfter: row.pauseAfter,
    asked: row.asked,
    left: leftOf.get(row.id) ?? 0,
    givenBack: row.state === "stopped" ? countGivenBack(row, leftOf.get(row.id) ?? 0) : 0,
    sent: row.sent,
    failedAgain: row.failedAgain,
    changed: row.changed,
    refused: row.refused,
    skipped: row.skipped,
    skippedWords: row.skippedWords,
    reason: row.reason,
    by: row.by,
    createdAt: row.createdAt,
    endedAt: row.endedAt,
  }));
}

function countGivenBack({ asked, sent, failedAgain, refused }: Redrive, left: number): number {
  return Math.max(0, asked - sent - failedAgain - refused - left);
}
