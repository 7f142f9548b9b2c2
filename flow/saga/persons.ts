import { startUndoing } from "./backward";
import { type Course, causeOf } from "./course";
import { begin, fail, isPastReturn, leave, leaveAs, portOnward } from "./forward";
import { endUndo, putOutput, recordEffect } from "./outcomes";
import type { SagaEvent, Visit } from "./state";
import { isUndoing } from "./status";

type Act = Extract<SagaEvent, { node: string; by: string }>;
type Turn = Extract<SagaEvent, { is: "cancel" | "undo" }>;

/** What a person does at a node. Answers why it cannot be done, in words; `undefined`: it is done. */
export function takeAct(course: Course, act: Act): string | undefined {
  const visit = course.visit(act.node)!;
  switch (act.is) {
    case "decide":
      return decide(course, visit, act);
    case "retry":
      return retry(course, visit, act.by);
    case "skip":
      return skip(course, visit, act);
    case "complete":
      return complete(course, visit, act);
  }
}

function decide(course: Course, { node, asks }: Visit, act: Extract<Act, { is: "decide" }>): string | undefined {
  if (asks === undefined) return `\`${node}\` does not wait for a decision.`;
  const { approved, by, words } = act;
  course.note(approved ? "approve" : "reject", { node, by, ...(words === undefined ? {} : { words }) });
  const port = approved ? "approved" : "rejected";
  if (approved || course.drawn(node).targets[port]) leave(course, node, port);
  else
    fail(course, node, { code: "saga-rejected", message: `${by} rejected \`${node}\`${words ? `: ${words}` : "."}` });
  return undefined;
}

function retry(course: Course, { node, state, attempt, effect, undo }: Visit, by: string): string | undefined {
  const isTried = (at: string | undefined) => at === "stuck" || at === "retrying";
  if (undo && isTried(undo.state)) {
    course.note("retry", { node, by });
    const { attempts } = course.persistence(node, "compensation")!;
    course.setUndo(node, { state: "retrying", allowed: undo.attempt + attempts, held: undefined });
    course.beginAttempt(node, "compensation");
    return undefined;
  }
  if (!isTried(state)) return `\`${node}\` is neither stuck nor waits for its next attempt.`;
  if (effect === "done") return `\`${node}\` is done, but for its output: complete it with a result, or skip it.`;
  course.note("retry", { node, by });
  const persistence = course.persistence(node, "action");
  course.setVisit(
    node,
    persistence ? { allowed: attempt + persistence.attempts, held: undefined } : { state: "waiting", cause: undefined },
  );
  begin(course, course.drawn(node));
  return undefined;
}

function skip(course: Course, visit: Visit, { by, reason }: Extract<Act, { is: "skip" }>): string | undefined {
  const { node, state, undo } = visit;
  if (undo && (undo.state === "stuck" || undo.state === "retrying")) {
    course.note("skip", { node, by, words: reason });
    endUndo(course, node, "skipped");
    return undefined;
  }
  const drawn = course.drawn(node);
  if (drawn.does === "approval") return mustDecide(node, state);
  const isWaiting = state === "waiting" && (drawn.does === "wait" || drawn.does === "timer");
  if (state !== "stuck" && state !== "retrying" && !isWaiting)
    return `\`${node}\` is neither stuck nor waits for its next attempt, an event or a time.`;
  course.note("skip", { node, by, words: reason });
  leaveAs(course, node, "skipped", [portOnward(drawn)]);
  return undefined;
}

function complete(course: Course, visit: Visit, { by, result }: Extract<Act, { is: "complete" }>): string | undefined {
  const { node, state, undo } = visit;
  if (isUndoing(undo)) {
    course.note("complete", { node, by });
    endUndo(course, node, "done");
    return undefined;
  }
  const drawn = course.drawn(node);
  if (drawn.does === "approval") return mustDecide(node, state);
  const isUnderWay = drawn.does === "step" && (state === "working" || state === "retrying");
  const isWaiting = state === "waiting" && (drawn.does === "wait" || drawn.does === "timer");
  if (state !== "stuck" && !isUnderWay && !isWaiting) return `\`${node}\` is neither stuck nor under way.`;
  if (drawn.does === "pass" && (typeof result !== "object" || result === null || Array.isArray(result)))
    return `The result of \`${node}\` is the saga's whole data from there on, so it has to be a record.`;
  course.note("complete", { node, by });
  if (drawn.does === "step") recordEffect(course, node);
  if (drawn.does === "pass") course.setBody(result);
  try {
    putOutput(course, node, result);
  } catch (error) {
    fail(course, node, causeOf(error, node));
    return undefined;
  }
  leave(course, node, portOnward(drawn));
  return undefined;
}

function mustDecide(node: string, state: Visit["state"]): string {
  return state === "stuck"
    ? `\`${node}\` is an approval: retry it, so that it asks again, and approve or reject.`
    : `\`${node}\` is an approval: approve or reject it.`;
}

/** Turns a saga. Answers why it cannot be, in words; `undefined`: it has turned. */
export function takeTurn(course: Course, { is, by, reason }: Turn): string | undefined {
  if (course.state.phase === "backward") return "It is being undone already.";
  if (isPastReturn(course))
    return course.state.phase === "ended" || course.state.pivoted
      ? "It is past its pivot: what was done stays."
      : "Its pivot is under way, or may have been done: there is no way back as long as that is so.";
  course.note(is, { by, words: reason });
  startUndoing(course, { code: "saga-cancelled", message: reason, by });
  return undefined;
}
