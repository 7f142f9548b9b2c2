import type { Course } from "./course";
import type { SagaState, Visit } from "./state";

/**
 * The saga turns: nothing new begins, what waits is cancelled. Actions under way are awaited, as their outcome decides whether they are
 * undone.
 */
export function startUndoing(course: Course, reason: NonNullable<SagaState["reason"]>): void {
  course.set({
    phase: "backward",
    reason,
    outcome: undefined,
    endedAt: undefined,
    leaves: undefined,
    emitted: undefined,
  });
  for (const visit of course.state.visits) {
    const { node, state, attempt } = visit;
    const ended = {
      endedAt: course.now,
      dueAt: undefined,
      given: undefined,
      asks: undefined,
      held: undefined,
    } as const;
    if (state === "stuck") course.setVisit(node, { ...ended, state: "failed" });
    else if (state === "waiting" || state === "retrying") course.setVisit(node, { ...ended, state: "cancelled" });
    else if (state === "working" && course.isUnseen(node, "action")) {
      // It began in this same transition, so nobody has seen it: it is not sent. (One that is sent again may have been.)
      const attempts = visit.attempts.filter(
        (each) => each.side !== "action" || each.number < attempt || each.resent || each.held,
      );
      const isNew = attempts.length < visit.attempts.length;
      course.setVisit(node, { ...ended, state: "cancelled", attempts, attempt: isNew ? attempt - 1 : attempt });
    }
  }
}

/** What follows from where a saga that goes backward stands: the next compensations, or its end. */
export function settleBackward(course: Course): void {
  let isMoving = true;
  while (isMoving) {
    isMoving = false;
    for (const { node } of course.state.visits.toReversed()) {
      const visit = course.visit(node)!;
      if (!isToUndo(visit) || visit.undo || !course.program.behind[node]?.every((later) => isSettled(course, later)))
        continue;
      isMoving = true;
      if (course.persistence(node, "compensation")) course.beginAttempt(node, "compensation");
      else {
        course.setUndo(node, { state: "passed", endedAt: course.now });
        course.note("no-compensation", { node });
      }
    }
  }
  if (course.state.visits.every((visit) => isSettled(course, visit.node)))
    course.set({ phase: "ended", outcome: "compensated", endedAt: course.now, leaves: course.program.start });
}

/** Only what is known to have ended, and may have taken effect. */
function isToUndo({ state, effect }: Visit): boolean {
  return state !== "working" && effect !== "none";
}

/** Nothing is, or is yet to be, undone there. */
function isSettled(course: Course, node: string): boolean {
  const visit = course.visit(node);
  if (!visit) return true;
  if (visit.state === "working") return false;
  if (visit.effect === "none") return true;
  const at = visit.undo?.state;
  return at === "done" || at === "skipped" || at === "passed";
}
