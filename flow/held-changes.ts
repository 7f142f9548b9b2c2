import type { HeldChange, HeldRow } from "./holding";

/** What the changes of one call come to for one row: it becomes `row` (`null`: it goes) if it is at revision `base` (0: it is not there). */
export interface HeldStep {
  readonly id: string;
  readonly base: number;
  readonly row: HeldRow | null;
  /** Places of the changes that are written with it. */
  readonly places: readonly number[];
}

/**
 * Sums up the changes of one call, one step a row, in the order of their ids. A change that does not follow from the one before it of the
 * same row is in none of them: it is a conflict. So is the end of a row that the same call begins.
 */
export function sumUpChanges(changes: readonly HeldChange[]): HeldStep[] {
  const steps = new Map<string, HeldStep>();
  for (const [place, change] of changes.entries()) {
    const { id, revision: base } =
      "write" in change ? { id: change.write.id, revision: change.write.revision - 1 } : change.remove;
    const row = "write" in change ? change.write : null;
    const known = steps.get(id);
    if (!known) steps.set(id, { id, base, row, places: [place] });
    else if (known.row?.revision === base && (row !== null || known.base > 0))
      steps.set(id, { id, base: known.base, row, places: [...known.places, place] });
  }
  return [...steps.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** The answers to the changes of a call, of the ids whose steps were written. */
export function answerChanges(
  changes: readonly HeldChange[],
  steps: readonly HeldStep[],
  written: ReadonlySet<string>,
): ("written" | "conflict")[] {
  const answers = changes.map((): "written" | "conflict" => "conflict");
  for (const { id, places } of steps) if (written.has(id)) for (const place of places) answers[place] = "written";
  return answers;
}
