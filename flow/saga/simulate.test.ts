import { describe, expect, it } from "vitest";
import { BodyPathError } from "../body-path";
import { makeProgram, plainEvaluation, type TestNode } from "../testing/saga";
import { type SimulationOptions, simulateSaga } from "./simulate";

const order: Readonly<Record<string, TestNode>> = {
  reserve: { to: "charge", into: "stock" },
  charge: { to: "notify", into: "payment" },
  notify: { to: "book", undoAttempts: 0 },
  book: { to: "end" },
  end: { does: "end" },
};
const branches: Readonly<Record<string, TestNode>> = {
  fork: { does: "fork", to: { a: "a1", b: "b1" } },
  a1: { to: "a2" },
  a2: { to: "join" },
  b1: { to: "join" },
  join: { does: "join", to: "last" },
  last: { to: "end" },
  end: { does: "end" },
};

const simulate = (nodes: Readonly<Record<string, TestNode>>, options: Partial<SimulationOptions> = {}) =>
  simulateSaga(makeProgram(nodes), plainEvaluation, { key: "o-1", body: { id: 1 }, now: 1_000, ...options });
const undone = (simulation: ReturnType<typeof simulate>) => simulation.backward.map(({ node, wave }) => [node, wave]);

describe("a saga in memory", () => {
  it("goes to its end, with the data after each node", () => {
    const { outcome, forward, backward, hasFailed } = simulate(order, { answers: { reserve: { row: 7 } } });
    expect({ outcome, backward, hasFailed }).toEqual({ outcome: "completed", backward: [], hasFailed: true });
    expect(forward.map(({ node, wave, body }) => [node, wave, body])).toEqual([
      ["reserve", 1, { id: 1, stock: { row: 7 } }],
      ["charge", 2, { id: 1, stock: { row: 7 }, payment: {} }],
      ["notify", 3, { id: 1, stock: { row: 7 }, payment: {} }],
      ["book", 4, { id: 1, stock: { row: 7 }, payment: {} }],
      ["end", 5, { id: 1, stock: { row: 7 }, payment: {} }],
    ]);
    expect(forward[0]?.scope?.body).toEqual({ id: 1 });
    expect(forward[1]?.scope?.body).toEqual({ id: 1, stock: { row: 7 } });
  });

  it("fails at each step: what is undone, in which order, with which data, and what stays", () => {
    const failAt = (node: string, effect?: "maybe") =>
      simulate(order, { failure: { node, ...(effect ? { effect } : {}) } });
    expect(undone(failAt("reserve"))).toEqual([]);
    expect(undone(failAt("charge"))).toEqual([["reserve", 1]]);
    expect(undone(failAt("charge", "maybe"))).toEqual([
      ["charge", 1],
      ["reserve", 2],
    ]);
    const { backward, outcome, leftUndone, forward } = failAt("book");
    expect({ outcome, leftUndone }).toEqual({ outcome: "compensated", leftUndone: ["notify"] });
    expect(backward.map(({ node, scope }) => [node, scope.body])).toEqual([
      ["charge", { id: 1, stock: {}, payment: {} }],
      ["reserve", { id: 1, stock: {}, payment: {} }],
    ]);
    expect(forward.at(-1)).toMatchObject({
      node: "book",
      state: "failed",
      effect: "none",
      cause: { code: "simulated" },
    });
  });

  it("tells what goes side by side", () => {
    const late = simulate(branches, { failure: { node: "last" } });
    expect(undone(late)).toEqual([
      ["a2", 1],
      ["b1", 1],
      ["a1", 2],
    ]);
    expect(late.forward.map(({ node, wave }) => [node, wave])).toEqual([
      ["fork", 1],
      ["a1", 1],
      ["b1", 1],
      ["a2", 2],
      ["join", 2],
      ["last", 3],
    ]);
    expect(late.forward.find(({ node }) => node === "join")?.from.toSorted()).toEqual(["a2", "b1"]);
    const early = simulate(branches, { failure: { node: "b1" } });
    expect(early.forward.map(({ node, state }) => [node, state])).toEqual([
      ["fork", "done"],
      ["a1", "done"],
      ["b1", "failed"],
    ]);
    expect(undone(early)).toEqual([["a1", 1]]);
  });

  it("goes the way that is chosen at waits and approvals", () => {
    const nodes: Readonly<Record<string, TestNode>> = {
      first: { to: "wait" },
      wait: { does: "wait", withinMs: 60_000, into: "event", to: { out: "timer", timeout: "late" } },
      late: { to: "end" },
      timer: { does: "timer", to: "ask" },
      ask: { does: "approval", to: { approved: "end", rejected: "no" } },
      no: { does: "end" },
      end: { does: "end" },
    };
    const way = (choices: SimulationOptions["choices"] = {}) =>
      simulate(nodes, { choices, answers: { wait: 5 } }).forward.map(({ node }) => node);
    expect(way()).toEqual(["first", "wait", "timer", "ask", "end"]);
    expect(way({ wait: "timeout" })).toEqual(["first", "wait", "late", "end"]);
    expect(way({ ask: "rejected" })).toEqual(["first", "wait", "timer", "ask", "no"]);
    for (const node of ["wait", "timer"])
      expect(undone(simulate(nodes, { failure: { node } }))).toEqual([["first", 1]]);
    expect(simulate(nodes, { failure: { node: "ask" } }).forward.at(-1)?.node).toBe("no");
    const unwired = { ...nodes, ask: { does: "approval", to: { approved: "end" } } } as const;
    expect(undone(simulate(unwired, { failure: { node: "ask" } }))).toEqual([["first", 1]]);
  });

  it("goes on where the example data do not suffice, and says where", () => {
    const nodes: Readonly<Record<string, TestNode>> = {
      reserve: { into: "stock", to: "route" },
      route: { does: "pass", to: { big: "a", small: "b" } },
      a: { to: "end" },
      b: { to: "end" },
      end: { does: "end" },
    };
    const evaluation = {
      ...plainEvaluation,
      output: () => {
        throw new BodyPathError("`answer` has no field `id`");
      },
      pass: () => {
        throw new BodyPathError("`body` has no field `size`");
      },
    };
    const run = (choices?: SimulationOptions["choices"]) =>
      simulateSaga(makeProgram(nodes), evaluation, { key: "k", body: {}, now: 0, ...(choices ? { choices } : {}) });
    const { outcome, guessed, forward, state } = run();
    expect({ outcome, guessed, body: state.body }).toEqual({
      outcome: "completed",
      guessed: ["reserve", "route"],
      body: { stock: {} },
    });
    expect(forward.map(({ node }) => node)).toEqual(["reserve", "route", "a", "end"]);
    expect(run({ route: "small" }).forward.map(({ node }) => node)).toEqual(["reserve", "route", "b", "end"]);
  });

  it("past the pivot it asks a person; where it never comes nothing fails", () => {
    const pivot = { ...order, charge: { to: "notify", pivot: true as const } };
    expect(simulate(pivot, { failure: { node: "book" } })).toMatchObject({
      outcome: "asking",
      backward: [],
      stuck: [{ node: "book", cause: { code: "simulated" } }],
    });
    expect(simulate(order, { failure: { node: "elsewhere" } })).toMatchObject({
      outcome: "completed",
      hasFailed: false,
    });
  });

  it("a step whose failure is wired goes on there", () => {
    const wired = { ...order, charge: { to: { out: "notify", error: "book" } } };
    const { outcome, forward } = simulate(wired, { failure: { node: "charge" } });
    expect(outcome).toBe("completed");
    expect(forward.map(({ node }) => node)).toEqual(["reserve", "charge", "book", "end"]);
  });
});
