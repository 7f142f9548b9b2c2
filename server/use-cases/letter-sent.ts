import "server-only";
import type { DeadLetter } from "@/prisma/generated/client";
import type { Db } from "../database";
import type { DeadLetterView, RunSummary } from "../views";

/** Lane of the messages that are sent again, as the worker calls it; their position is the dead letter's id. */
const sentLane = "redrive";
const mostRuns = 20;

/** By whom and when a dead letter was last sent again, and the runs that came of all its sendings, the newest first. */
export async function describeSent(
  db: Db,
  letter: Pick<DeadLetter, "id" | "environment" | "redriveId" | "editedFor" | "target">,
): Promise<Pick<DeadLetterView, "sent" | "sentRuns">> {
  const { id, environment, redriveId } = letter;
  const [redrive, runs] = await Promise.all([
    redriveId === null
      ? null
      : db.redrive.findUnique({ where: { id: redriveId }, select: { by: true, createdAt: true, target: true } }),
    db.run.findMany({
      where: { environment, lane: sentLane, position: id },
      select: { id: true, startedAt: true, version: true, state: true },
      orderBy: [{ startedAt: "desc" }],
      take: mostRuns,
    }),
  ]);
  return {
    sent: redrive && {
      by: redrive.by,
      at: redrive.createdAt,
      target: redrive.target === "source" ? "source" : "node",
      edited: letter.editedFor !== null && letter.editedFor === letter.target,
    },
    sentRuns: runs.map((run) => ({ ...run, state: run.state as RunSummary["state"] })),
  };
}
