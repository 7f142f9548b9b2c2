import type { SagaInit } from "../../flow/saga/machine";
import type { SagaState } from "../../flow/saga/state";

/**
 * A saga that is stored before anybody carries it out: of another flow, or when there is no room for it here. It begins when a worker takes
 * it, so that no command waits for a worker that was never there.
 */
export function makeUnbegun(init: SagaInit, now: number): SagaState {
  return { ...init, startedAt: now, phase: "forward", pivoted: false, visits: [], notes: [] };
}

export function isUnbegun({ visits, phase }: SagaState): boolean {
  return visits.length === 0 && phase === "forward";
}

export function initOf({ id, key, body, headers, depth, parent }: SagaState): SagaInit {
  return { id, key, body, headers, depth, ...(parent ? { parent } : {}) };
}
