import "server-only";
import { type Actor, recordAudit } from "../audit";
import { database } from "../database";

/** Takes dead letters out of what waits, with the reason. They stay readable. */
export async function discardDeadLetters(
  actor: Actor,
  input: { ids: string[]; reason: string },
): Promise<{ discarded: number }> {
  return database().prisma.$transaction(async (tx) => {
    const { count } = await tx.deadLetter.updateMany({
      where: { id: { in: input.ids }, environment: actor.environment, state: { in: ["waiting", "queued"] } },
      data: { state: "discarded", reason: input.reason },
    });
    await recordAudit(tx, actor, "dead-letter.discard", `${count} by id`, { count, reason: input.reason });
    return { discarded: count };
  });
}
