import { exitOf } from "../../flow/saga/machine";
import type { SagaState } from "../../flow/saga/state";
import { sentCommandsOf } from "./held-saga";
import type { SagaWork } from "./saga-work";

/** Where an answer is kept elsewhere it is looked at again after this long, and then after as long as it has been waited for. */
const lookAfterMs = { least: 15_000, most: 10 * 60_000 };

/** When it is to be looked at a job, or at the saga of another flow, whose end this one waits for; `null`: there is none. */
export function nextLook(state: SagaState, work: SagaWork, now: number): number | null {
  let next = Number.POSITIVE_INFINITY;
  for (const { node, side, sentAt } of sentCommandsOf(state)) {
    const by = work.callOf(node, side)?.call;
    if (by !== "queue" && by !== "sub") continue;
    next = Math.min(next, now + Math.min(Math.max(now - sentAt, lookAfterMs.least), lookAfterMs.most));
  }
  return Number.isFinite(next) ? next : null;
}

/** How far the end of a saga has been handed on. */
export interface SagaEnding {
  /** It has ended, and somebody is still to hear of it. */
  readonly isOpen: boolean;
  /** It has ended, and nothing will be done for it any more. */
  readonly isDone: boolean;
  readonly expiresAt: number | null;
  /** By which its message leaves. */
  readonly exit: ReturnType<typeof exitOf>;
}

export function endOf(state: SagaState, work: SagaWork): SagaEnding {
  if (state.phase !== "ended") return { isOpen: false, isDone: false, expiresAt: null, exit: null };
  const named = exitOf(work.program, state);
  const exit = named && work.isWired(named.node, named.port) ? named : null;
  const isOpen = !state.emitted && (exit !== null || state.parent !== undefined);
  const expiresAt = isOpen ? null : (state.endedAt ?? state.startedAt) + work.keepForMs;
  return { isOpen, isDone: !isOpen, expiresAt, exit };
}
