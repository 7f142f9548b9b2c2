import type { HeldStatus } from "../holding";
import { addressOf } from "../holding";
import { commandKey } from "./command-key";
import type { SagaProgram, SagaScope } from "./program";
import type { SagaCommand, SagaSide, SagaState, Undo, Visit } from "./state";

/** Is its way forward still under way there? */
export function isOpen({ state }: Visit): boolean {
  return state === "working" || state === "retrying" || state === "waiting" || state === "stuck";
}

/** Is it being undone there, or does that wait for a person? */
export function isUndoing(undo: Undo | undefined): boolean {
  return undo?.state === "working" || undo?.state === "retrying" || undo?.state === "stuck";
}

/** Where a saga stands, as a person searches for it. A stuck node comes before all else, then an approval: somebody is asked. */
export function statusOf(state: SagaState): HeldStatus {
  if (state.phase === "ended") return state.outcome ?? "completed";
  if (state.visits.some((visit) => visit.state === "stuck" || visit.undo?.state === "stuck")) return "stuck";
  if (state.visits.some(({ asks }) => asks !== undefined)) return "asking";
  if (state.phase === "backward") return "compensating";
  return state.visits.some(({ state: at }) => at === "working" || at === "retrying") ? "running" : "waiting";
}

/** Nodes where it stands, forward or back. */
export function stepsOf(state: SagaState): string[] {
  return state.visits.filter((visit) => isOpen(visit) || isUndoing(visit.undo)).map(({ node }) => node);
}

/** Addresses for which it waits (`HeldRow.awaits`). */
export function awaitsOf(state: SagaState): string[] {
  return state.visits.flatMap(({ node, state: at, awaits }) =>
    at === "waiting" && awaits !== undefined ? [addressOf(node, awaits)] : [],
  );
}

/**
 * When something is to be done for it (`HeldRow.dueAt`); `null`: only when something comes. Of a command in hand that is the end of its
 * lease: whoever has it in hand for longer says so to the store. One that has ended is due until its end was handed on (`emitted`).
 */
export function dueAtOf(state: SagaState): number | null {
  if (state.phase === "ended") return isHandedOn(state) ? null : (state.endedAt ?? state.startedAt);
  let earliest = Number.POSITIVE_INFINITY;
  for (const { dueAt, undo } of state.visits) earliest = Math.min(earliest, dueAt ?? earliest, undo?.dueAt ?? earliest);
  return earliest === Number.POSITIVE_INFINITY ? null : earliest;
}

/** Whoever is to hear of its end has heard: nobody is, or `emitted` was told. */
function isHandedOn(state: SagaState): boolean {
  return state.emitted === true || (state.leaves === undefined && state.parent === undefined);
}

/**
 * By which port of which node its message leaves, once it has ended and as long as that was not handed on. The step of another saga that
 * waits for it (`parent`) is to hear before `emitted` is told, also when there is no such port.
 */
export function exitOf(
  program: SagaProgram,
  state: SagaState,
): { readonly node: string; readonly port: "out" | "compensated" } | null {
  if (state.phase !== "ended" || state.emitted) return null;
  if (state.outcome === "compensated") return { node: program.start, port: "compensated" };
  return state.leaves === undefined ? null : { node: state.leaves, port: "out" };
}

/**
 * Commands whose outcome is not recorded, in the order of the visits. To read them: they are sent when a transition hands them out, and
 * after a crash by the event `due`, which marks that they may have taken effect before. Those that were `sent` are not among them.
 */
export function pendingCommands(state: SagaState): SagaCommand[] {
  return state.visits.flatMap((visit) => [
    ...(visit.state === "working" && visit.sentAt === undefined ? [commandOf(state, visit, "action")] : []),
    ...(visit.undo?.state === "working" && visit.undo.sentAt === undefined
      ? [commandOf(state, visit, "compensation")]
      : []),
  ]);
}

/** The command of a visit, as it is to be sent now. */
export function commandOf(state: SagaState, visit: Visit, side: SagaSide): SagaCommand {
  const { attempt, given, held } = side === "action" ? visit : (visit.undo ?? visit);
  const scope = readScope(state);
  return {
    node: visit.node,
    side,
    attempt,
    ...(attempt > 1 || held ? { again: true as const } : {}),
    key: commandKey(state.id, visit.node, side),
    scope: given ? { ...scope, body: given.body } : scope,
  };
}

/** What expressions of a saga read now. */
export function readScope({ id, key, body, headers, startedAt }: SagaState): SagaScope {
  return { body, key, headers, meta: { saga: id, startedAt } };
}
