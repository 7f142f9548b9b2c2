import { attemptsMax, notesMax, noteTimesMax } from "../saga/bounds";
import { dueAtOf } from "../saga/machine";
import type { SagaProgram } from "../saga/program";
import type { SagaState, Visit } from "../saga/state";
import { isOpen } from "../saga/status";

/** What is wrong with a step from one state of a saga to the next, whatever happened: the rules that hold for all of them. */
export function findFaults(program: SagaProgram, before: SagaState | undefined, after: SagaState): string[] {
  const faults: string[] = [];
  const fault = (words: string) => faults.push(words);
  const at = (node: string) => after.visits.find((visit) => visit.node === node);
  const isPivot = (node: string) => {
    const drawn = program.nodes[node];
    return drawn?.does === "step" && drawn.pivot;
  };

  after.visits.forEach((visit, index) => {
    const { node, effect, state, undo } = visit;
    const earlier = before?.visits[index];
    if (earlier && earlier.node !== node) fault(`${node} stands where ${earlier.node} was`);
    if (after.visits.findIndex((each) => each.node === node) !== index) fault(`${node} was come to twice`);
    if (program.nodes[node]?.does !== "step" && (effect !== "none" || undo)) fault(`${node} has effects`);
    if (earlier && rank[earlier.effect] > rank[effect]) fault(`the effect of ${node} was forgotten`);
    if (earlier && !isOpen(earlier) && earlier.state !== state) fault(`${node} was ${earlier.state} and is ${state}`);
    if (earlier && earlier.attempt > visit.attempt && state !== "cancelled") fault(`${node} has fewer attempts`);
    if (earlier?.undo && isUndone(earlier) && undo?.state !== earlier.undo.state)
      fault(`the compensation of ${node} was ${earlier.undo.state} and is ${undo?.state}`);
    for (const side of ["action", "compensation"])
      if (visit.attempts.filter((each) => each.side === side).length > attemptsMax) fault(`${node} keeps attempts`);
    if (program.nodes[node]?.does === "join" && state === "done" && earlier?.state !== "done")
      for (const other of after.visits)
        if (isOpen(other) && program.behind[other.node]?.includes(node))
          fault(`${node} did not wait for ${other.node}`);
    if (state === "stuck" && !after.visits.some((each) => isPivot(each.node) && keepsFromTurning(each)))
      fault(`${node} is stuck, and the way back is open`);
    if (undo && after.phase === "forward") fault(`${node} is undone on the way forward`);
    if (undo && !earlier?.undo) {
      if (effect === "none") fault(`${node} is undone, and surely did nothing`);
      if (state === "working") fault(`${node} is undone while it is under way`);
      for (const later of program.behind[node] ?? []) {
        const behind = at(later);
        if (behind && (behind.state === "working" || (behind.effect !== "none" && !isUndone(behind))))
          fault(`${node} is undone before ${later} behind it`);
      }
    }
    if (after.phase === "backward" && ["retrying", "waiting", "stuck"].includes(state))
      fault(`${node} is ${state} after the saga turned`);
  });
  if (before && before.visits.length > after.visits.length) fault("visits were lost");

  const turned = after.reason !== undefined && before?.reason === undefined;
  if (before?.reason && after.visits.length > before.visits.length) fault("something began after the saga turned");
  if (turned)
    for (const { node, state, effect } of after.visits)
      if (isPivot(node) && keepsFromTurning({ state, effect })) fault(`it turned past its pivot ${node}`);
  if (after.pivoted && after.reason) fault("it is past its pivot and turned");

  if (after.outcome === "completed")
    for (const visit of after.visits) {
      if (isOpen(visit)) fault(`it is complete, and ${visit.node} is ${visit.state}`);
      if (visit.undo) fault(`it is complete, and ${visit.node} was undone`);
    }
  if (after.outcome === "compensated" && before?.phase !== "ended")
    for (const visit of after.visits) {
      if (isOpen(visit)) fault(`it is compensated, and ${visit.node} is ${visit.state}`);
      const drawn = program.nodes[visit.node];
      const wanted = drawn?.does === "step" && drawn.compensation ? ["done", "skipped"] : ["passed"];
      if (visit.effect !== "none" && !wanted.includes(visit.undo?.state ?? "")) fault(`${visit.node} was not undone`);
    }
  if ((after.phase === "ended") !== (after.outcome !== undefined && after.endedAt !== undefined))
    fault("its end is unclear");

  const isPending = after.visits.some((visit) => isPendingByTime(program, visit));
  const isToSay = after.phase === "ended" && after.leaves !== undefined && !after.emitted;
  if ((dueAtOf(after) !== null) !== (isPending || isToSay)) fault(`due at ${dueAtOf(after)}`);

  if (after.notes.length > notesMax) fault("notes grow");
  if (after.notes.some(({ times = 1 }) => times > noteTimesMax)) fault("notes count on");
  if (JSON.stringify(after).length > 20_000 + after.visits.length * 20_000) fault("the state grows");
  return faults;
}

function keepsFromTurning({ state, effect }: Pick<Visit, "state" | "effect">): boolean {
  return effect !== "none" || state === "working";
}

const rank = { none: 0, maybe: 1, done: 2 } as const;

function isUndone({ undo }: Visit): boolean {
  return undo?.state === "done" || undo?.state === "skipped" || undo?.state === "passed";
}

function isPendingByTime(program: SagaProgram, { node, state, sentAt, undo }: Visit): boolean {
  const drawn = program.nodes[node];
  if (undo?.state === "working" && drawn?.does === "step")
    return undo.sentAt === undefined || Number.isFinite(drawn.compensation?.timeoutMs);
  if (state === "retrying" || undo?.state === "retrying") return true;
  if (state === "working" && drawn?.does === "step")
    return sentAt === undefined || Number.isFinite(drawn.action.timeoutMs);
  if (state !== "waiting") return false;
  return drawn?.does === "timer" || ((drawn?.does === "wait" || drawn?.does === "approval") && drawn.withinMs !== null);
}
