import { beginSaga, pendingCommands, transition } from "../../flow/saga/machine";
import type { SagaCommand, SagaEvent, SagaState } from "../../flow/saga/state";
import type { Applied, HeldSaga, Queued } from "./held-saga";
import type { SagaWork } from "./saga-work";
import { initOf, isUnbegun } from "./unbegun";

/** What some events, one after the other, make of a saga. */
export interface Decision {
  readonly changed: boolean;
  readonly state: SagaState;
  /** To be sent once the state is written. */
  readonly commands: readonly SagaCommand[];
  /** In the order of the events. */
  readonly answers: readonly Applied[];
}

/** @throws Error when the saga does not fit the version that it is to have begun on. */
export function decide(
  work: SagaWork,
  saga: HeldSaga,
  before: SagaState,
  queued: readonly Queued[],
  now: number,
): Decision {
  const { program, evaluation } = work;
  let state = before;
  let commands: readonly SagaCommand[] = [];
  let changed = false;
  if (isUnbegun(state) && queued.some(({ isTake }) => isTake)) {
    const begun = beginSaga(program, evaluation, initOf(state), now);
    changed = true;
    state = begun.state;
    commands = begun.commands;
  }
  const answers = queued.map(({ event, isTake }): Applied => {
    const told = withBusy(event, saga, state, isTake);
    const made = transition(program, evaluation, state, told, now, Math.random, { unseen: commands });
    if (!made.changed) return { is: "unchanged", why: made.why, words: made.words };
    changed = true;
    state = made.state;
    // What began with one event may be over with the next.
    commands = made.commands;
    return { is: "changed", state };
  });
  return { changed, state, commands, answers };
}

/**
 * Commands that are not lost: those that are under way here, and, while nobody says that the row was let go, all others: whoever has them in
 * hand keeps its lease going.
 */
function withBusy(event: SagaEvent, saga: HeldSaga, state: SagaState, isTake = false): SagaEvent {
  if (event.is !== "due") return event;
  const busy = new Set(saga.underWay.keys());
  if (!isTake) for (const { key } of pendingCommands(state)) busy.add(key);
  return { is: "due", busy };
}
