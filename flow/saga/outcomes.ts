import { setPath } from "../body-path";
import type { Cause } from "../verdict";
import { cutCause, endAttempt } from "./bounds";
import { atLeastMaybe, type Course, causeOf } from "./course";
import { fail, leave } from "./forward";
import type { Persistence } from "./program";
import type { CommandResult, HeldBack, SagaEvent, SagaSide, Undo, Visit } from "./state";
import { isUndoing } from "./status";

type Outcome = Extract<SagaEvent, { is: "outcome" }>;
type FailedResult = Extract<CommandResult, { ok: false }>;

/** Longer than this a service's `Retry-After` is not followed: a wrong one must not hold a saga for a week. */
const retryAfterMaxMs = 3_600_000;

/** What became of a command. One that comes when nobody waits for it any more is noted, as far as it says something new. */
export function takeOutcome(course: Course, event: Outcome): void {
  const visit = course.visit(event.node)!;
  if (event.side === "action") takeAction(course, visit, event);
  else takeCompensation(course, visit, event);
}

function takeAction(course: Course, visit: Visit, { result, attempt = visit.attempt }: Outcome): void {
  const { node, state } = visit;
  if (result.ok) {
    if (state !== "working" && state !== "retrying" && state !== "stuck") {
      takeLateSuccess(course, visit, result.answer);
      return;
    }
    writeDown(course, visit, "action", attempt, result);
    succeed(course, node, result.answer);
    return;
  }
  // One that waits for its next attempt is told only that there is no use in it.
  if (attempt !== visit.attempt || !(state === "working" || (state === "retrying" && result.final))) {
    takeLateFailure(course, visit, result);
    return;
  }
  writeDown(course, visit, "action", attempt, result);
  course.setVisit(node, { effect: result.effect === "maybe" ? atLeastMaybe(visit.effect) : visit.effect });
  const persistence = course.persistence(node, "action")!;
  const held = holdBack(course, persistence, visit.held, result);
  const isHeld = held !== undefined && !held.over;
  const mayBegin = course.state.phase === "forward" && (isHeld || attempt < (visit.allowed ?? persistence.attempts));
  if (result.final || !mayBegin) {
    fail(course, node, result.cause);
    return;
  }
  const failures = isHeld ? held.tries : countFailures(persistence, attempt, visit.allowed);
  const dueAt = dueAgain(course, persistence, failures, result.retryAfterMs);
  course.setVisit(node, { state: "retrying", dueAt, sentAt: undefined, cause: cutCause(result.cause), held });
}

/** What is said of an attempt that failed because what it needs is away; `undefined`: it failed by itself. */
function holdBack(
  { now }: Course,
  { holdMs }: Persistence,
  before: HeldBack | undefined,
  result: FailedResult,
): HeldBack | undefined {
  if (!result.away) return undefined;
  const { since, until } = before ?? { since: now, until: now + holdMs };
  const held = { since, until, tries: (before?.tries ?? 0) + 1 };
  return now >= until ? { ...held, over: true } : held;
}

/** The action has taken effect: its output goes into the data, and the saga goes on. */
function succeed(course: Course, node: string, answer: unknown): void {
  recordEffect(course, node);
  try {
    putAnswer(course, node, answer);
  } catch (error) {
    fail(course, node, causeOf(error, node));
    return;
  }
  leave(course, node, "out");
}

function putAnswer(course: Course, node: string, answer: unknown): void {
  const drawn = course.drawn(node);
  if (drawn.does === "step" && drawn.into)
    putOutput(course, node, course.house.evaluation.output(node, course.scope, answer));
}

/** What a node gives goes into the data, where its kind says. @throws BodyPathError when something stands in its way there. */
export function putOutput(course: Course, node: string, output: unknown): void {
  const drawn = course.drawn(node);
  if (!("into" in drawn) || !drawn.into) return;
  const body = setPath(course.state.body, drawn.into, output ?? null);
  course.setBody(body);
  course.setVisit(node, { output: output ?? null });
}

export function recordEffect(course: Course, node: string): void {
  const drawn = course.drawn(node);
  course.setVisit(node, { effect: "done" });
  if (drawn.does === "step" && drawn.pivot && course.state.phase === "forward") course.set({ pivoted: true });
}

/** It was done, although the saga went on without it. What was taken for without effect is now undone with the rest, if that comes. */
function takeLateSuccess(course: Course, visit: Visit, answer: unknown): void {
  const { node, state, effect, undo } = visit;
  course.note(state === "done" ? "second-answer" : "late-answer", { node });
  if (effect === "done" || course.state.phase === "ended") return;
  recordEffect(course, node);
  if (course.state.phase === "forward" || undo) return;
  try {
    // Its compensation, which is yet to come, may need what it said.
    putAnswer(course, node, answer);
  } catch {
    // Then it does without.
  }
}

function takeLateFailure(course: Course, { node, state, effect }: Visit, result: FailedResult): void {
  if (state !== "working" && state !== "retrying" && state !== "stuck")
    course.note(state === "done" ? "second-answer" : "late-answer", { node });
  // It spends no attempt, but tells that one may have taken effect.
  if (result.effect === "maybe" && effect === "none" && course.state.phase !== "ended")
    course.setVisit(node, { effect: "maybe" });
}

function takeCompensation(course: Course, visit: Visit, { result, attempt: told }: Outcome): void {
  const { node, undo } = visit;
  if (!undo) return;
  const attempt = told ?? undo.attempt;
  if (!isUndoing(undo)) {
    course.note(undo.state === "done" ? "second-answer" : "late-answer", { node });
    return;
  }
  if (result.ok) {
    writeDown(course, visit, "compensation", attempt, result);
    endUndo(course, node, "done");
    return;
  }
  if (attempt !== undo.attempt || !(undo.state === "working" || (undo.state === "retrying" && result.final))) return;
  writeDown(course, visit, "compensation", attempt, result);
  const cause = cutCause(result.cause);
  const persistence = course.persistence(node, "compensation")!;
  const held = holdBack(course, persistence, undo.held, result);
  const isHeld = held !== undefined && !held.over;
  if (result.final || (!isHeld && attempt >= (undo.allowed ?? persistence.attempts))) {
    course.setUndo(node, { state: "stuck", cause, dueAt: undefined, sentAt: undefined, held: undefined });
    return;
  }
  const failures = isHeld ? held.tries : countFailures(persistence, attempt, undo.allowed);
  const dueAt = dueAgain(course, persistence, failures, result.retryAfterMs);
  course.setUndo(node, { state: "retrying", dueAt, sentAt: undefined, cause, held });
}

export function endUndo(course: Course, node: string, state: Extract<Undo["state"], "done" | "skipped">): void {
  const cause = state === "done" ? { cause: undefined } : {};
  const over = { dueAt: undefined, sentAt: undefined, given: undefined, held: undefined };
  course.setUndo(node, { ...cause, state, endedAt: course.now, ...over });
}

function writeDown(course: Course, visit: Visit, side: SagaSide, attempt: number, result: CommandResult): void {
  course.setVisit(visit.node, { attempts: endAttempt(visit.attempts, side, attempt, result, course.now) });
}

/** Attempts that failed; counted anew since a person had it tried again. */
function countFailures({ attempts }: Persistence, attempt: number, allowed = attempts): number {
  return Math.max(1, attempt - (allowed - attempts));
}

/** When the next attempt begins. Half of the wait is fixed and half by chance, so that many sagas do not come back in step. */
function dueAgain(
  { now, house }: Course,
  { backoff, delayMs, maxDelayMs }: Persistence,
  failures: number,
  retryAfterMs: number | undefined,
): number {
  const plain = backoff === "fixed" ? delayMs : delayMs * 2 ** Math.min(failures - 1, 30);
  const wait = Math.min(plain, maxDelayMs) * (0.5 + 0.5 * house.random());
  return now + Math.round(Math.max(wait, Math.min(retryAfterMs ?? 0, retryAfterMaxMs)));
}

/** The command's message left this house: its answer is waited for. */
export function takeSent(course: Course, { node, side, attempt }: Extract<SagaEvent, { is: "sent" }>): void {
  const visit = course.visit(node);
  const at = side === "action" ? visit : visit?.undo;
  const persistence = course.persistence(node, side);
  if (!persistence || at?.state !== "working" || at.attempt !== attempt || at.sentAt !== undefined) return;
  const { timeoutMs } = persistence;
  const dueAt = Number.isFinite(timeoutMs) ? course.now + timeoutMs : undefined;
  if (side === "action") course.setVisit(node, { sentAt: course.now, dueAt });
  else course.setUndo(node, { state: "working", sentAt: course.now, dueAt });
}

/** A command is in hand of nobody from now on, and its outcome is not known. */
export function takeHandedBack(course: Course, event: Extract<SagaEvent, { is: "handed-back" }>): void {
  const { node, side, attempt } = event;
  const visit = course.visit(node);
  const at = side === "action" ? visit : visit?.undo;
  if (at?.state !== "working" || at.attempt !== attempt || at.sentAt !== undefined) return;
  if (side === "action") course.setVisit(node, { dueAt: course.now });
  else course.setUndo(node, { state: "working", dueAt: course.now });
}

/** What a command comes to when nobody can say: it may have taken effect. */
export function unanswered(cause: Cause): FailedResult {
  return { ok: false, cause, final: false, effect: "maybe" };
}
