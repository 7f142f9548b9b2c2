import fc from "fast-check";
import { expect, it } from "vitest";
import { checkFlow, hasErrors } from "../check";
import type { FlowDocument } from "../document";
import { planOf } from "../plan";
import { semanticsOf } from "../semantics";
import { anySaga } from "../testing/any-saga";
import { makeEvaluation } from "./evaluate";
import { beginSaga, dueAtOf, pendingCommands, transition } from "./machine";
import type { SagaProgram } from "./program";
import type { SagaEvent, SagaState } from "./state";

/** Goes through a program as a saga does, one way wherever there are several, and says what could not be. */
function walk(program: SagaProgram, choose: (count: number) => number): string[] {
  const found: string[] = [];
  const arrived = new Map<string, number>();
  const been = new Set<string>();
  let ends = 0;
  const tokens = [program.first];
  for (const id of tokens) {
    const node = id === null ? undefined : program.nodes[id];
    if (!node) {
      found.push(`a way leads to ${id}`);
      continue;
    }
    if (node.does === "join") {
      const fork = program.nodes[node.fork];
      const count = (arrived.get(node.id) ?? 0) + 1;
      arrived.set(node.id, count);
      if (fork?.does !== "fork" || count < fork.branches.length) continue;
    }
    if (been.has(node.id)) found.push(`${node.id} is come to twice`);
    been.add(node.id);
    if (node.does === "end") ends++;
    else if (node.does === "fork") tokens.push(...node.branches.map((branch) => node.targets[branch] ?? null));
    else {
      const ways = Object.values(node.targets).filter((target) => target !== null);
      tokens.push(ways[choose(ways.length)] ?? null);
    }
    if (tokens.length > 10_000) throw new Error("It never ends.");
  }
  for (const id of arrived.keys()) if (!been.has(id)) found.push(`${id} waits for ever`);
  if (ends !== 1) found.push(`it ends ${ends} times`);
  return found;
}

function walkOften(flow: FlowDocument, choices: readonly number[]): string[] {
  return planOf(flow).sagas.flatMap((program) =>
    choices.flatMap((choice) => {
      let step = choice;
      return walk(program, (count) => {
        step = (step * 7 + 3) % 1_009;
        return step % Math.max(1, count);
      });
    }),
  );
}

const anyChoices = fc.array(fc.nat(1_000), { minLength: 3, maxLength: 6 });

it("a well drawn saga has no errors, and every way through it comes to one end, once to each node", () => {
  fc.assert(
    fc.property(anySaga, anyChoices, (flow, choices) => {
      expect(checkFlow(flow).filter(({ severity }) => severity === "error")).toEqual([]);
      semanticsOf(flow);
      expect(walkOften(flow, choices)).toEqual([]);
      const [program] = planOf(flow).sagas;
      // What stands behind a node stands behind it in the order, too.
      const order = Object.keys(program!.nodes);
      for (const [id, behind] of Object.entries(program!.behind))
        for (const other of behind) expect(order.indexOf(other)).toBeGreaterThan(order.indexOf(id));
    }),
    { numRuns: 100 },
  );
});

it("a saga whose wires were moved has errors, or still comes to one end, once to each node", () => {
  let sound = 0;
  let refused = 0;
  const anyMove = fc.record({ wire: fc.nat(60), to: fc.nat(60), what: fc.constantFrom("move", "remove", "add") });
  fc.assert(
    fc.property(anySaga, fc.array(anyMove, { minLength: 1, maxLength: 2 }), anyChoices, (flow, moves, choices) => {
      const edges = [...flow.edges];
      for (const { wire, to, what } of moves) {
        const at = wire % edges.length;
        const target = flow.nodes[to % flow.nodes.length]!.id;
        const moved = { from: edges[at]!.from, to: target };
        if (what === "remove") edges.splice(at, 1);
        else if (what === "move") edges[at] = moved;
        else edges.push(moved);
        if (edges.length === 0) return;
      }
      const changed = { ...flow, edges };
      semanticsOf(changed);
      if (hasErrors(checkFlow(changed))) {
        refused++;
        return;
      }
      sound++;
      expect(walkOften(changed, choices)).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
  // Both must come up: a property that only ever sees errors shows nothing.
  expect(sound).toBeGreaterThan(10);
  expect(refused).toBeGreaterThan(10);
});

/** Runs a saga as if everything outside went well, or one step failed for good each time. */
function run(flow: FlowDocument, failing?: string): SagaState {
  const [program] = planOf(flow).sagas;
  const evaluation = makeEvaluation(flow, program!.start);
  const init = { id: "s-1", key: "o-1", body: { a: 1 }, headers: {}, depth: 0 };
  let { state, commands } = beginSaga(program!, evaluation, init, 0);
  let now = 0;
  for (let step = 0; step < 1_000 && state.phase !== "ended"; step++) {
    const [command] = commands.length > 0 ? commands : pendingCommands(state);
    const asked = state.visits.find(({ state: at, asks }) => at === "waiting" && asks !== undefined);
    const awaits = state.visits.find(({ state: at, awaits: value }) => at === "waiting" && value !== undefined);
    const cause = { code: "http-status", message: "no" };
    const event: SagaEvent = command
      ? {
          is: "outcome",
          node: command.node,
          side: command.side,
          attempt: command.attempt,
          result:
            command.side === "action" && command.node === failing
              ? { ok: false, cause, final: true, effect: "none" }
              : { ok: true, answer: {} },
        }
      : awaits
        ? { is: "arrival", node: awaits.node, body: {} }
        : asked
          ? { is: "decide", node: asked.node, approved: true, by: "Ada" }
          : { is: "due" };
    if (event.is === "due") now = dueAtOf(state) ?? now;
    const next = transition(program!, evaluation, state, event, now);
    if (!next.changed) throw new Error(`${event.is} changed nothing: ${next.words}`);
    ({ state, commands } = next);
  }
  return state;
}

it("a drawn saga is carried out: complete when all goes well, undone or past its pivot when a step fails", () => {
  fc.assert(
    fc.property(anySaga, fc.nat(30), (flow, at) => {
      expect(run(flow)).toMatchObject({ phase: "ended", outcome: "completed" });
      const steps = flow.nodes.filter(({ kind }) => kind === "saga-step");
      const failing = steps[at % Math.max(1, steps.length)];
      if (!failing || steps.some(({ config }) => config.pivot === true)) return;
      const state = run(flow, failing.id);
      const visit = state.visits.find(({ node }) => node === failing.id);
      if (visit === undefined || visit.port === "error") expect(state.outcome).toBe("completed");
      else expect(state).toMatchObject({ phase: "ended", outcome: "compensated", leaves: "start" });
    }),
    { numRuns: 100 },
  );
});
