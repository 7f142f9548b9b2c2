import type { Cause } from "../verdict";
import { startUndoing } from "./backward";
import { cutCause } from "./bounds";
import { type Course, causeOf } from "./course";
import type { SagaNode } from "./program";
import type { Visit } from "./state";
import { isOpen } from "./status";

/** Comes to a node. Once the saga has turned nothing begins, and a node where it has been is only come to again if it is a join. */
export function enter(course: Course, node: string | null | undefined, from?: string): void {
  if (!node || course.state.phase !== "forward") return;
  const drawn = course.drawn(node);
  const before = course.visit(node);
  if (before) {
    if (drawn.does === "join" && from !== undefined && before.state === "waiting")
      course.setVisit(node, { joined: [...(before.joined ?? []), from] });
    return;
  }
  const origin = from === undefined ? {} : { from };
  course.add({ node, ...origin, state: "waiting", at: course.now, effect: "none", attempt: 0, attempts: [] });
  begin(course, drawn);
}

/** Does what a node does, when the saga comes to it and when a person has it tried anew. */
export function begin(course: Course, drawn: SagaNode): void {
  const { id } = drawn;
  const { evaluation } = course.house;
  switch (drawn.does) {
    case "step":
      course.beginAttempt(id, "action");
      break;
    case "pass":
      evaluate(
        course,
        id,
        () => evaluation.pass(id, course.scope),
        ({ port, body }) => {
          course.setBody(body);
          leave(course, id, port);
        },
      );
      break;
    case "fork":
      leave(course, id, ...drawn.branches);
      break;
    case "join":
      break;
    case "wait":
      evaluate(
        course,
        id,
        () => evaluation.awaits(id, course.scope),
        (awaits) => {
          course.setVisit(id, { awaits, ...dueWithin(course, drawn.withinMs) });
        },
      );
      break;
    case "timer":
      evaluate(
        course,
        id,
        () => evaluation.until(id, course.scope, course.now),
        (until) => {
          if (!Number.isFinite(until)) fail(course, id, noTime(id));
          else if (until <= course.now) leave(course, id, "out");
          else course.setVisit(id, { dueAt: until });
        },
      );
      break;
    case "approval":
      course.setVisit(id, { asks: drawn.role, ...dueWithin(course, drawn.withinMs) });
      break;
    case "end":
      course.set({ leaves: id });
      // Looked at now: once the saga is complete it is too late to find that its event cannot be made.
      evaluate(
        course,
        id,
        () => evaluation.end?.(id, course.scope),
        () => leave(course, id),
      );
  }
}

/** Goes on with what an expression says; when it throws its node has failed. What follows from it throws to the outside. */
function evaluate<Value>(course: Course, node: string, ask: () => Value, goOn: (value: Value) => void): void {
  let value: Value;
  try {
    value = ask();
  } catch (error) {
    fail(course, node, causeOf(error, node));
    return;
  }
  goOn(value);
}

function dueWithin({ now }: Course, withinMs: number | null): { dueAt: number | undefined } {
  return { dueAt: withinMs === null ? undefined : now + withinMs };
}

function noTime(node: string): Cause {
  return {
    code: "expression-failed",
    message: `Node \`${node}\`: its time is none. Let its expression give a timestamp, or milliseconds since 1970.`,
  };
}

/** Fields of a visit that say how it waits, and end with that. */
const waitsNoMore = {
  dueAt: undefined,
  sentAt: undefined,
  given: undefined,
  asks: undefined,
  held: undefined,
} as const;

/** Leaves a node by these ports: it is done there, or whatever else is said. */
export function leave(course: Course, node: string, ...ports: readonly (string | null)[]): void {
  leaveAs(course, node, "done", ports);
}

export function leaveAs(
  course: Course,
  node: string,
  state: "done" | "skipped" | "failed",
  ports: readonly (string | null)[],
): void {
  const [port] = ports;
  const way = ports.length === 1 && port ? { port } : {};
  // A cause from an earlier try has nothing to say about what is done.
  const cause = state === "done" ? { cause: undefined } : {};
  course.setVisit(node, { ...waitsNoMore, ...cause, state, endedAt: course.now, ...way });
  course.house.watch?.(course.visit(node)!, course.state.body);
  const { targets } = course.drawn(node);
  for (const each of ports) if (each) enter(course, targets[each], node);
}

/** By which port a node is left when a person lets the saga go on without it. */
export function portOnward({ does, targets }: SagaNode): string | null {
  const usual = does === "approval" ? ["approved"] : ["out", "otherwise", "pass"];
  return usual.find((port) => targets[port]) ?? Object.keys(targets).find((p) => p !== "error" && targets[p]) ?? null;
}

/** A node failed for good: on by its error port if that leads somewhere, else back, else, past the pivot, a person is asked. */
export function fail(course: Course, node: string, why: Cause): void {
  const cause = cutCause(why);
  const isForward = course.state.phase === "forward";
  course.setVisit(node, { cause });
  if (isForward && course.drawn(node).targets.error) {
    leaveAs(course, node, "failed", ["error"]);
    return;
  }
  course.setVisit(node, { state: "failed", dueAt: undefined, sentAt: undefined, asks: undefined, held: undefined });
  if (isForward && isPastReturn(course)) {
    course.setVisit(node, { state: "stuck" });
    return;
  }
  course.setVisit(node, { endedAt: course.now, given: undefined });
  course.house.watch?.(course.visit(node)!, course.state.body);
  if (isForward) startUndoing(course, { ...cause, node });
}

/** What came too late leaves by `timeout`, if that leads somewhere; else it is a failure. */
export function runOutOfTime(course: Course, node: string): void {
  const { does, targets } = course.drawn(node);
  const wayOut = "Wire its port `timeout`, or give it more time.";
  if (targets.timeout) leave(course, node, "timeout");
  else if (does === "approval")
    fail(course, node, { code: "saga-decision-late", message: `Nobody decided at \`${node}\` in time. ${wayOut}` });
  else
    fail(course, node, {
      code: "saga-wait-late",
      message: `What \`${node}\` waits for did not come in time. ${wayOut}`,
    });
}

/** May nothing be undone any more? A pivot has taken effect, or may have, or is just about to. */
export function isPastReturn(course: Course): boolean {
  if (course.state.pivoted) return true;
  return course.state.visits.some((visit) => {
    const drawn = course.drawn(visit.node);
    if (drawn.does !== "step" || !drawn.pivot) return false;
    return visit.effect !== "none" || (visit.state === "working" && !course.isUnseen(visit.node, "action"));
  });
}

/** What follows from where a saga that goes forward stands: joins that wait for nothing any more, its end. */
export function settleForward(course: Course): void {
  for (let join = findReadyJoin(course); join; join = findReadyJoin(course)) leave(course, join.node, "out");
  if (course.state.phase !== "forward") return;
  // Stuck because a pivot was under way that then failed without effect: the way back is open again.
  const stuck = course.state.visits.find(({ state }) => state === "stuck");
  if (stuck && !isPastReturn(course)) startUndoing(course, { ...stuck.cause!, node: stuck.node });
  else if (!course.state.visits.some(isOpen)) course.set({ phase: "ended", outcome: "completed", endedAt: course.now });
}

function findReadyJoin({ state, program }: Course): Visit | undefined {
  if (state.phase !== "forward") return undefined;
  return state.visits.find(({ node, state: at }) => {
    if (at !== "waiting" || program.nodes[node]?.does !== "join") return false;
    return !state.visits.some((other) => isOpen(other) && program.behind[other.node]?.includes(node));
  });
}
