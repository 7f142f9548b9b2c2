import "server-only";
import { defaultProject } from "@/flow/control";
import type { Db } from "../database";
import type { RunView } from "../views";

const mostTold = 20;

/** When and by whom the message of a run was sent again, from its source or from a step, as the audit has it. */
export async function listSentAgain(
  db: Db,
  environment: string,
  run: { id: string; startedAt: Date },
): Promise<RunView["sentAgain"]> {
  const entries = await db.auditEntry.findMany({
    where: {
      project: defaultProject,
      environment,
      action: { in: ["message.send", "run.send-from"] },
      at: { gte: run.startedAt },
      detail: { path: ["run"], equals: run.id },
    },
    select: { at: true, actor: true, detail: true },
    orderBy: { at: "asc" },
    take: mostTold,
  });
  return entries.map(({ at, actor, detail }) => {
    const { lane, position, deadLetter } = detail as Partial<Record<"lane" | "position" | "deadLetter", string>>;
    return { at, by: actor, find: deadLetter ?? `${lane}@${position}` };
  });
}
