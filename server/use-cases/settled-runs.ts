import "server-only";
import type { Db } from "../database";
import type { RunSummary } from "../views";

/** Of a dead letter that nobody need look at any more. */
const ended = ["sent", "discarded"];

/** Runs, those that failed with what became of their dead letters, where none of them waits or is on its way any more. */
export async function tellSettled<Run extends RunSummary>(
  db: Db,
  environment: string,
  runs: readonly Run[],
): Promise<Run[]> {
  const ids = runs.filter(({ state }) => state === "dead").map(({ id }) => id);
  if (ids.length === 0) return [...runs];
  const letters = await db.deadLetter.findMany({
    where: { environment, runId: { in: ids } },
    select: { runId: true, state: true },
  });
  return runs.map((run) => ({
    ...run,
    settled: settle(letters.filter(({ runId }) => runId === run.id).map(({ state }) => state)),
  }));
}

/** What became of a run's dead letters as a whole: nothing as long as one is open. */
export function settle(states: readonly string[]): RunSummary["settled"] {
  if (states.length === 0 || states.some((state) => !ended.includes(state))) return undefined;
  return states.includes("sent") ? "sent" : "discarded";
}
