/**
 * Undo and redo over immutable states. Steps of one group that follow each other are one step: typing in a field, as long as it has the
 * focus; nudging with the arrows, as long as they follow each other closely.
 */
export interface History<State> {
  readonly past: readonly State[];
  readonly present: State;
  readonly future: readonly State[];
  readonly group: string | null;
  readonly at: number;
}

const depth = 200;
const nudgeMs = 2_000;
/** Of groups that end by a pause; the others end when the field is left. */
export const nudgeGroup = "nudge:";

export function startHistory<State>(present: State): History<State> {
  return { past: [], present, future: [], group: null, at: 0 };
}

/** A new step; the same history when nothing changed. `joinsLast` makes it part of the step before. */
export function pushStep<State>(
  history: History<State>,
  next: State,
  group: string | null,
  now: number,
  joinsLast = false,
): History<State> {
  if (next === history.present) return history;
  const follows = !group?.startsWith(nudgeGroup) || now - history.at < nudgeMs;
  const joins = joinsLast || (group !== null && group === history.group && follows);
  const past = joins ? history.past : [...history.past, history.present].slice(-depth);
  return { past, present: next, future: [], group, at: now };
}

export function undoStep<State>(history: History<State>): History<State> {
  const previous = history.past.at(-1);
  if (previous === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: previous,
    future: [history.present, ...history.future],
    group: null,
    at: 0,
  };
}

export function redoStep<State>(history: History<State>): History<State> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future, group: null, at: 0 };
}
