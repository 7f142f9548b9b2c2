import { settleBackward } from "./backward";
import { Course, type CourseHouse, causeOf } from "./course";
import { takeDue } from "./due";
import { enter, fail, leave, settleForward } from "./forward";
import { putOutput, takeHandedBack, takeOutcome, takeSent } from "./outcomes";
import { takeAct, takeTurn } from "./persons";
import type { SagaEvaluation, SagaProgram } from "./program";
import type { SagaCommand, SagaEvent, SagaParent, SagaState, Transition } from "./state";

/**
 * The saga as a state machine: state × event → state, commands. Pure: no clock, no chance, nothing outside but what is passed in. Whoever
 * calls it writes the state and carries out the commands, in this order; the way forward is in `forward.ts`, the way back in `backward.ts`.
 */
export { commandKey, parseCommandKey } from "./command-key";
export { awaitsOf, dueAtOf, exitOf, pendingCommands, statusOf, stepsOf } from "./status";

/** With what a saga begins. */
export interface SagaInit {
  readonly id: string;
  readonly key: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly depth: number;
  readonly parent?: SagaParent;
}

/** A new saga, at all the nodes to which it comes by itself. It may have ended by then. */
export function beginSaga(
  program: SagaProgram,
  evaluation: SagaEvaluation,
  init: SagaInit,
  now: number,
  more: Pick<CourseHouse, "watch"> = {},
): { readonly state: SagaState; readonly commands: readonly SagaCommand[] } {
  const fresh: SagaState = { ...init, startedAt: now, phase: "forward", pivoted: false, visits: [], notes: [] };
  const course = new Course({ program, evaluation, now, random: () => 0, ...more }, fresh);
  enter(course, program.first);
  settle(course);
  return { state: course.state, commands: course.listCommands() };
}

/**
 * What an event makes of a saga. Never refuses an event for its kind: what comes late, twice or for nothing changes nothing, or is noted.
 * `random` (0 to 1) spreads retries; without it none comes before its full wait. Several events may be taken before anything is written:
 * give what the one before handed out as `unseen`. It is handed out again, unless it is over by then; then it never began.
 * @throws Error when the state was begun with another program: each saga ends on the version that it began on.
 */
export function transition(
  program: SagaProgram,
  evaluation: SagaEvaluation,
  state: SagaState,
  event: SagaEvent,
  now: number,
  random: () => number = () => 1,
  more: Pick<CourseHouse, "watch" | "unseen"> = {},
): Transition {
  const course = new Course({ program, evaluation, now, random, ...more }, state);
  const refusal = take(course, event);
  if (!course.changed) return refusal ?? unchanged("late", "It makes no difference any more.");
  settle(course);
  return { changed: true, state: course.state, commands: course.listCommands() };
}

type Unchanged = Extract<Transition, { changed: false }>;

function unchanged(why: Unchanged["why"], words: string): Unchanged {
  return { changed: false, why, words };
}

function settle(course: Course): void {
  if (course.state.phase === "forward") settleForward(course);
  if (course.state.phase === "backward") settleBackward(course);
}

/** Does what the event says, in the course; answers why it did not. */
function take(course: Course, event: SagaEvent): Unchanged | undefined {
  const { phase, outcome } = course.state;
  if (event.is === "emitted") {
    if (phase === "ended" && !course.state.emitted) course.set({ emitted: true });
    return unchanged("not-now", "There is nothing that it had to say.");
  }
  if ("node" in event) {
    if (!course.program.nodes[event.node]) return unchanged("unknown-node", `The saga has no node \`${event.node}\`.`);
    if (!course.visit(event.node)) return unchanged("not-now", `The saga has not come to \`${event.node}\`.`);
  }
  if (event.is === "outcome") {
    takeOutcome(course, event);
    return undefined;
  }
  if (phase === "ended" && !(event.is === "undo" && outcome === "completed"))
    return unchanged("ended", `The saga is ${outcome}.`);
  switch (event.is) {
    case "due":
      takeDue(course, event.busy);
      return unchanged("nothing-due", "Nothing is due yet.");
    case "sent":
      takeSent(course, event);
      return undefined;
    case "handed-back":
      takeHandedBack(course, event);
      return undefined;
    case "arrival":
      takeArrival(course, event.node, event.body);
      return undefined;
    case "cancel":
    case "undo":
      return refuse(takeTurn(course, event));
    default:
      return refuse(takeAct(course, event));
  }
}

function refuse(words: string | undefined): Unchanged | undefined {
  return words === undefined ? undefined : unchanged("not-now", words);
}

function takeArrival(course: Course, node: string, body: unknown): void {
  const { state, awaits } = course.visit(node)!;
  if (state !== "waiting" || awaits === undefined) return;
  try {
    putOutput(course, node, body);
  } catch (error) {
    fail(course, node, causeOf(error, node));
    return;
  }
  leave(course, node, "out");
}
