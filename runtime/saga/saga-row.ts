import type { HeldRow, HeldScope } from "../../flow/holding";
import { encodeSaga } from "../../flow/saga/coding";
import { awaitsOf, statusOf, stepsOf } from "../../flow/saga/machine";
import type { SagaState } from "../../flow/saga/state";
import { parseTraceparent, traceHeader } from "../../flow/trace-context";

/** Whoever has a saga in hand has it for this long; its holder keeps the lease going. Killed with it, another takes it then. */
export const sagaLeaseMs = 10_000;

export interface NewRow {
  readonly scope: HeldScope;
  readonly start: string;
  readonly version: number;
  readonly state: SagaState;
  readonly dueAt: number | null;
  readonly expiresAt: number | null;
  readonly now: number;
}

/** The row of a saga that is not stored yet. */
export function makeRow({ scope, start, version, state, dueAt, expiresAt, now }: NewRow): HeldRow {
  return {
    environment: scope.environment,
    flowId: scope.flowId,
    id: state.id,
    node: start,
    kind: "saga",
    key: state.key,
    version,
    revision: 1,
    traceId: parseTraceparent(state.headers[traceHeader] ?? "")?.traceId ?? null,
    createdAt: state.startedAt,
    ...fieldsOf(state),
    dueAt,
    expiresAt,
    updatedAt: now,
  };
}

/** The row as it is to become. */
export function nextRow(row: HeldRow, state: SagaState, changes: Pick<NewRow, "dueAt" | "expiresAt" | "now">): HeldRow {
  const { dueAt, expiresAt, now } = changes;
  return { ...row, revision: row.revision + 1, ...fieldsOf(state), dueAt, expiresAt, updatedAt: now };
}

function fieldsOf(state: SagaState) {
  return {
    status: statusOf(state),
    steps: stepsOf(state),
    awaits: awaitsOf(state),
    content: encodeSaga(state),
    error: errorOf(state),
    endedAt: state.endedAt ?? null,
  };
}

/** Why a person is asked; else what fails on the way back; else why the saga turned; else for what it holds. */
function errorOf({ visits, reason }: SagaState): HeldRow["error"] {
  for (const { node, state, cause, undo } of visits) {
    const why = state === "stuck" ? cause : undo?.state === "stuck" ? undo.cause : undefined;
    if (why) return { node, code: why.code, message: why.message };
  }
  const failing = visits.find(({ undo }) => undo?.state === "retrying" && undo.cause);
  if (failing?.undo?.cause) {
    const { code, message } = failing.undo.cause;
    return { node: failing.node, code, message };
  }
  if (reason) return { node: reason.node ?? "", code: reason.code, message: reason.message };
  const away = visits.find(({ held, state }) => held && state === "retrying");
  return away?.cause ? { node: away.node, code: away.cause.code, message: away.cause.message } : null;
}

/** When something is to be done for a saga by the clock alone: timers, further attempts, answers that are late. Not the leases of commands in hand. */
export function nextTimeOf(state: SagaState): number | null {
  let earliest = Number.POSITIVE_INFINITY;
  for (const visit of state.visits) {
    for (const each of [visit, visit.undo]) {
      const isInHand = each?.state === "working" && each.sentAt === undefined;
      if (each?.dueAt !== undefined && !isInHand) earliest = Math.min(earliest, each.dueAt);
    }
  }
  return Number.isFinite(earliest) ? earliest : null;
}
