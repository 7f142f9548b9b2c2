import { commandKey } from "./command-key";
import type { Course } from "./course";
import { leave, runOutOfTime } from "./forward";
import { takeOutcome, unanswered } from "./outcomes";
import type { SagaSide } from "./state";

/** So many workers may go away with one attempt of a command before that counts as failed: it may be what ends them. */
export const resendsMax = 5;

/** Time has passed. One node after the other, as each may change what becomes of the next. */
export function takeDue(course: Course, busy: ReadonlySet<string> = new Set()): void {
  for (const { node } of course.state.visits) {
    const visit = course.visit(node)!;
    if (isDue(course, visit)) {
      if (visit.state === "working") overdue(course, node, "action", busy);
      else if (visit.state === "retrying") course.beginAttempt(node, "action");
      else if (course.drawn(node).does === "timer") leave(course, node, "out");
      else runOutOfTime(course, node);
    }
    const undo = course.visit(node)!.undo;
    if (undo && isDue(course, undo)) {
      if (undo.state === "working") overdue(course, node, "compensation", busy);
      else course.beginAttempt(node, "compensation");
    }
  }
}

function isDue({ now }: Course, { dueAt }: { readonly dueAt?: number }): boolean {
  return dueAt !== undefined && dueAt <= now;
}

/** A command whose answer did not come in time, or whose worker is gone with it. */
function overdue(course: Course, node: string, side: SagaSide, busy: ReadonlySet<string>): void {
  const visit = course.visit(node)!;
  const { attempt, sentAt } = side === "action" ? visit : visit.undo!;
  if (sentAt !== undefined) {
    const message = `No answer came for \`${node}\` in time. It may have been done all the same.`;
    const result = unanswered({ code: "saga-answer-late", message });
    takeOutcome(course, { is: "outcome", node, side, attempt, result });
    return;
  }
  if (busy.has(commandKey(course.state.id, node, side))) return;
  const resent = visit.attempts.findLast((each) => each.side === side && each.number === attempt)?.resent ?? 0;
  // Once the saga has turned, an action that nobody has in hand is not begun again: it is undone, as it may have been done.
  if (resent < resendsMax && (side === "compensation" || course.state.phase === "forward")) {
    course.resend(node, side);
    return;
  }
  const message = `The worker that had the command of \`${node}\` in hand is gone, and nobody knows whether it was done.`;
  const result = unanswered({ code: "saga-command-lost", message });
  takeOutcome(course, { is: "outcome", node, side, attempt, result });
}
