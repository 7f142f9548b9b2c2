import { describe, expect, it } from "vitest";
import { BodyPathError } from "../body-path";
import { ExpressionError } from "../expression";
import { makeProgram, plainEvaluation, type TestNode } from "../testing/saga";
import { commandLeaseMs } from "./course";
import { resendsMax } from "./due";
import {
  awaitsOf,
  beginSaga,
  commandKey,
  dueAtOf,
  exitOf,
  parseCommandKey,
  pendingCommands,
  statusOf,
  stepsOf,
  transition,
} from "./machine";
import type { SagaEvaluation } from "./program";
import type { CommandResult, SagaCommand, SagaEvent, SagaSide, SagaState, Transition } from "./state";

const id = "6f6b2c2e-0b0e-5d8e-9d53-0c5f3f1f7a01";
const cause = { code: "http-status", message: "The service answered 500." };
const by = "Ada";

/** A saga under test: events in, what it stands at out. */
class Saga {
  state: SagaState;
  sent: readonly SagaCommand[];
  now = 1_000_000;
  readonly program;

  constructor(
    nodes: Readonly<Record<string, TestNode>>,
    readonly evaluation: SagaEvaluation = plainEvaluation,
    body: unknown = {},
  ) {
    this.program = makeProgram(nodes);
    const init = { id, key: "o-1", body, headers: {}, depth: 0 };
    const { state, commands } = beginSaga(this.program, evaluation, init, this.now);
    this.state = state;
    this.sent = commands;
  }

  tell(event: SagaEvent): Transition {
    const next = transition(this.program, this.evaluation, this.state, event, this.now, () => 1);
    this.sent = next.changed ? next.commands : [];
    if (next.changed) this.state = next.state;
    return next;
  }

  outcome(node: string, side: SagaSide, result: CommandResult, attempt?: number): this {
    this.tell({ is: "outcome", node, side, result, ...(attempt === undefined ? {} : { attempt }) });
    return this;
  }

  ok(node: string, answer: unknown = {}): this {
    return this.outcome(node, "action", { ok: true, answer });
  }

  fails(node: string, effect: "none" | "maybe" = "none"): this {
    return this.outcome(node, "action", { ok: false, final: true, effect, cause });
  }

  failsOnce(node: string, effect: "none" | "maybe" = "none", retryAfterMs?: number): this {
    const after = retryAfterMs === undefined ? {} : { retryAfterMs };
    return this.outcome(node, "action", { ok: false, final: false, effect, cause, ...after });
  }

  undone(node: string): this {
    return this.outcome(node, "compensation", { ok: true, answer: null });
  }

  undoFails(node: string, final = false): this {
    return this.outcome(node, "compensation", { ok: false, final, effect: "maybe", cause });
  }

  /** To when something is due, and does it. */
  pass(busy?: ReadonlySet<string>): this {
    this.now = Math.max(this.now, dueAtOf(this.state)!);
    this.tell({ is: "due", ...(busy ? { busy } : {}) });
    return this;
  }

  get keys(): string[] {
    return this.sent.map(({ key, attempt }) => `${key.slice(id.length + 1)}#${attempt}`);
  }

  visit(node: string) {
    return this.state.visits.find((visit) => visit.node === node);
  }

  get notes(): string[] {
    return this.state.notes.map(({ what, node, by }) => [what, node, by].filter(Boolean).join(" "));
  }
}

const three = { reserve: { to: "charge" }, charge: { to: "book" }, book: { to: "end" }, end: { does: "end" } } as const;
const branches = {
  fork: { does: "fork", to: { a: "a1", b: "b1" } },
  a1: { to: "a2" },
  a2: { to: "join" },
  b1: { to: "join" },
  join: { does: "join", to: "last" },
  last: { to: "end" },
  end: { does: "end" },
} as const;

describe("held back", () => {
  const away = { ok: false, final: false, effect: "none", away: true, cause } as const;
  const one = { charge: { to: "end", attempts: 2 }, end: { does: "end" } } as const;

  it("spends no attempt while what it needs is away, waits longer each time, and heeds Retry-After", () => {
    const saga = new Saga(one).outcome("charge", "action", away);
    expect(saga.visit("charge")).toMatchObject({ state: "retrying", attempt: 1, held: { since: saga.now, tries: 1 } });
    for (let tries = 2; tries <= 9; tries++) {
      expect(saga.pass().keys).toEqual(["charge#1"]);
      saga.outcome("charge", "action", away);
      expect(saga.visit("charge")).toMatchObject({ state: "retrying", attempt: 1, held: { tries } });
    }
    expect(saga.visit("charge")!.attempts).toMatchObject([{ number: 1, held: 8, cause }]);
    saga.pass().outcome("charge", "action", { ...away, retryAfterMs: 50_000 });
    expect(dueAtOf(saga.state)).toBe(saga.now + 50_000);
    saga.pass().ok("charge");
    expect(saga.state).toMatchObject({ outcome: "completed" });
    expect(saga.visit("charge")).toMatchObject({ attempt: 1, attempts: [{ number: 1, held: 10 }] });
    expect(saga.visit("charge")!.held).toBeUndefined();
    expect(saga.visit("charge")!.attempts[0]!.cause).toBeUndefined();
  });

  it("counts its attempts when that takes longer than it may", () => {
    const saga = new Saga(one).outcome("charge", "action", away);
    saga.now += 600_000;
    saga.pass().outcome("charge", "action", away);
    expect(saga.visit("charge")).toMatchObject({ state: "retrying", attempt: 1, held: { over: true } });
    expect(saga.pass().keys).toEqual(["charge#2"]);
    saga.outcome("charge", "action", away);
    expect(saga.state).toMatchObject({ outcome: "compensated", reason: { node: "charge" } });
  });

  it("counts an attempt that failed by itself in between, and holds anew after it", () => {
    const saga = new Saga(one).outcome("charge", "action", away).pass().failsOnce("charge");
    expect(saga.visit("charge")!.held).toBeUndefined();
    expect(saga.pass().keys).toEqual(["charge#2"]);
    saga.outcome("charge", "action", away);
    expect(saga.visit("charge")).toMatchObject({ state: "retrying", attempt: 2, held: { since: saga.now, tries: 1 } });
  });

  it("holds a compensation, and asks a person only when its attempts are used up after that", () => {
    const undoing = { reserve: { to: "charge", undoAttempts: 1 }, ...one } as const;
    const saga = new Saga(undoing).ok("reserve").fails("charge").outcome("reserve", "compensation", away);
    expect(saga.visit("reserve")!.undo).toMatchObject({ state: "retrying", attempt: 1, held: { tries: 1 } });
    saga.now += 600_000;
    expect(saga.pass().keys).toEqual(["reserve.undo#1"]);
    saga.outcome("reserve", "compensation", away);
    expect(saga.visit("reserve")!.undo).toMatchObject({ state: "stuck", attempt: 1 });
    saga.tell({ is: "retry", node: "reserve", by });
    expect(saga.keys).toEqual(["reserve.undo#2"]);
    saga.undone("reserve");
    expect(saga.state).toMatchObject({ outcome: "compensated" });
    expect(saga.visit("reserve")!.undo!.held).toBeUndefined();
  });

  it("is tried at once by a person, as a new attempt, and is cancelled as what waits is", () => {
    const saga = new Saga(one).outcome("charge", "action", away);
    saga.tell({ is: "retry", node: "charge", by });
    expect(saga.keys).toEqual(["charge#2"]);
    saga.outcome("charge", "action", away);
    saga.tell({ is: "cancel", by, reason: "so" });
    expect(saga.state).toMatchObject({ outcome: "compensated", visits: [{ state: "cancelled", effect: "none" }] });
    expect(saga.visit("charge")!.held).toBeUndefined();
  });
});

describe("forward", () => {
  it("does one step after the other and is complete at its end", () => {
    const saga = new Saga({ ...three, reserve: { to: "charge", into: "stock" } });
    expect(saga.keys).toEqual(["reserve#1"]);
    expect(statusOf(saga.state)).toBe("running");
    expect(stepsOf(saga.state)).toEqual(["reserve"]);
    saga.ok("reserve", { id: 7 });
    expect(saga.state.body).toEqual({ stock: { id: 7 } });
    expect(saga.keys).toEqual(["charge#1"]);
    expect(saga.sent[0]?.scope).toMatchObject({ body: { stock: { id: 7 } }, key: "o-1", meta: { saga: id } });
    saga.ok("charge").ok("book");
    expect(statusOf(saga.state)).toBe("completed");
    expect(saga.state).toMatchObject({ outcome: "completed", leaves: "end", endedAt: saga.now });
    expect(stepsOf(saga.state)).toEqual([]);
    expect(saga.state.visits.map(({ node, from, port }) => [node, from, port])).toEqual([
      ["reserve", undefined, "out"],
      ["charge", "reserve", "out"],
      ["book", "charge", "out"],
      ["end", "book", undefined],
    ]);
  });

  it("says its end until that was handed on, and is due as long", () => {
    const saga = new Saga({ only: { to: "end" }, end: { does: "end" } }).ok("only");
    expect(exitOf(saga.program, saga.state)).toEqual({ node: "end", port: "out" });
    expect(dueAtOf(saga.state)).toBe(saga.now);
    saga.tell({ is: "emitted" });
    expect(exitOf(saga.program, saga.state)).toBeNull();
    expect(dueAtOf(saga.state)).toBeNull();
    expect(saga.tell({ is: "emitted" })).toMatchObject({ changed: false });
  });

  it("is complete at once when nothing stands behind its start, and says nothing where no end was", () => {
    const saga = new Saga({});
    expect(saga.state.outcome).toBe("completed");
    expect(exitOf(saga.program, saga.state)).toBeNull();
    expect(dueAtOf(saga.state)).toBeNull();
  });

  it("tries a step again after its wait, with the same key, and fails when its attempts are used up", () => {
    const saga = new Saga(three).failsOnce("reserve");
    expect(saga.visit("reserve")).toMatchObject({ state: "retrying", dueAt: saga.now + 1_000, cause, effect: "none" });
    expect(saga.keys).toEqual([]);
    expect(saga.tell({ is: "due" })).toMatchObject({ changed: false, why: "nothing-due" });
    saga.pass();
    expect(saga.keys).toEqual(["reserve#2"]);
    saga.failsOnce("reserve", "maybe").pass();
    expect(saga.keys).toEqual(["reserve#3"]);
    saga.failsOnce("reserve");
    // One attempt may have taken effect, whatever the others say.
    expect(saga.visit("reserve")).toMatchObject({ state: "failed", effect: "maybe" });
    expect(saga.keys).toEqual(["reserve.undo#1"]);
  });

  it("follows a service that says when to come again, but not for ever", () => {
    const saga = new Saga(three).failsOnce("reserve", "none", 20_000);
    expect(dueAtOf(saga.state)).toBe(saga.now + 20_000);
    const other = new Saga(three).failsOnce("reserve", "none", 1e12);
    expect(dueAtOf(other.state)).toBe(other.now + 3_600_000);
  });

  it("goes on by the error port where it is wired", () => {
    const saga = new Saga({ ...three, charge: { to: { out: "book", error: "bill" } }, bill: { to: "end" } });
    saga.ok("reserve").fails("charge", "maybe");
    expect(saga.visit("charge")).toMatchObject({ state: "failed", port: "error", effect: "maybe" });
    expect(saga.keys).toEqual(["bill#1"]);
    saga.fails("bill");
    // What may have taken effect is undone all the same.
    expect(saga.keys).toEqual(["charge.undo#1"]);
  });

  it("takes a step whose output cannot be made for done, and undoes it", () => {
    const saga = new Saga({ reserve: { into: "stock.id", to: "end" }, end: { does: "end" } }, plainEvaluation, {
      stock: "none",
    });
    saga.ok("reserve", 7);
    expect(saga.visit("reserve")).toMatchObject({ state: "failed", effect: "done", cause: { code: "body-invalid" } });
    expect(saga.keys).toEqual(["reserve.undo#1"]);
  });

  it("takes an expression that throws for a failure without effect, and tells nothing of what it threw", () => {
    const evaluation = {
      ...plainEvaluation,
      pass: () => {
        throw new Error("secret");
      },
    };
    const saga = new Saga({ a: { to: "b" }, b: { does: "pass", to: "end" }, end: { does: "end" } }, evaluation).ok("a");
    expect(saga.visit("b")).toMatchObject({ state: "failed", effect: "none", cause: { code: "node-crashed" } });
    expect(JSON.stringify(saga.state)).not.toContain("secret");
    expect(saga.keys).toEqual(["a.undo#1"]);
    const path = {
      ...plainEvaluation,
      pass: () => {
        throw new BodyPathError("`body.a` is a text");
      },
    };
    expect(new Saga({ b: { does: "pass" } }, path).state.reason).toMatchObject({ code: "body-invalid", node: "b" });
  });
});

describe("branches", () => {
  it("go side by side, and the join waits for all of them", () => {
    const saga = new Saga(branches);
    expect(saga.keys).toEqual(["a1#1", "b1#1"]);
    saga.ok("b1");
    expect(saga.visit("join")).toMatchObject({ state: "waiting", from: "b1" });
    saga.ok("a1");
    expect(saga.keys).toEqual(["a2#1"]);
    saga.ok("a2");
    expect(saga.visit("join")).toMatchObject({ state: "done", from: "b1", joined: ["a2"] });
    expect(saga.keys).toEqual(["last#1"]);
  });

  it("whose way ends before the join are not waited for", () => {
    const saga = new Saga(
      { ...branches, b1: { does: "pass", to: "join" } },
      { ...plainEvaluation, pass: (_, { body }) => ({ port: null, body }) },
    );
    saga.ok("a1").ok("a2");
    expect(saga.keys).toEqual(["last#1"]);
  });

  it("fork within a branch: the inner join first", () => {
    const saga = new Saga({
      f: { does: "fork", to: { a: "g", b: "y" } },
      g: { does: "fork", to: { a: "v", b: "w" } },
      v: { to: "j" },
      w: { to: "j" },
      y: { to: "k" },
      j: { does: "join", to: "k" },
      k: { does: "join", to: "end" },
      end: { does: "end" },
    });
    saga.ok("y").ok("v");
    expect(stepsOf(saga.state)).toEqual(["w", "k", "j"]);
    saga.ok("w");
    expect(saga.state.outcome).toBe("completed");
  });

  it("an attempt says the same as the one before, although another branch has changed the data", () => {
    const saga = new Saga({ ...branches, b1: { to: "join", into: "b" } });
    saga.failsOnce("a1").ok("b1", 1).pass();
    expect(saga.sent[0]).toMatchObject({ key: `${id}.a1`, attempt: 2, scope: { body: {} } });
    saga.ok("a1");
    expect(saga.sent[0]?.scope.body).toEqual({ b: 1 });
    expect(saga.visit("a1")).not.toHaveProperty("given");
  });
});

describe("waiting", () => {
  const waits = { wait: { does: "wait", into: "paid", to: "end", withinMs: 5_000 }, end: { does: "end" } } as const;

  it("for an event: its body goes into the data", () => {
    const saga = new Saga(waits);
    expect(statusOf(saga.state)).toBe("waiting");
    expect(awaitsOf(saga.state)).toEqual(["wait o-1/wait"]);
    saga.tell({ is: "arrival", node: "wait", body: { sum: 3 } });
    expect(saga.state).toMatchObject({ outcome: "completed", body: { paid: { sum: 3 } } });
    expect(awaitsOf(saga.state)).toEqual([]);
    expect(saga.tell({ is: "arrival", node: "wait", body: 1 })).toMatchObject({ changed: false, why: "ended" });
  });

  it("too long: by `timeout` where that leads somewhere, else a failure", () => {
    const saga = new Saga(waits).pass();
    expect(saga.state).toMatchObject({ outcome: "compensated", reason: { code: "saga-wait-late", node: "wait" } });
    const wired = new Saga({ ...waits, wait: { ...waits.wait, to: { out: null, timeout: "end" } } }).pass();
    expect(wired.state.outcome).toBe("completed");
    expect(wired.visit("wait")?.port).toBe("timeout");
  });

  it("for a time, which may have come already, or be none", () => {
    const nodes = { timer: { does: "timer", to: "end" }, end: { does: "end" } } as const;
    const saga = new Saga(nodes);
    expect(dueAtOf(saga.state)).toBe(saga.now + 60_000);
    expect(saga.pass().state.outcome).toBe("completed");
    expect(new Saga(nodes, { ...plainEvaluation, until: () => 5 }).state.outcome).toBe("completed");
    expect(new Saga(nodes, { ...plainEvaluation, until: () => Number.NaN }).state.outcome).toBe("compensated");
  });

  it("for a person, who approves or rejects", () => {
    const nodes = { ask: { does: "approval", to: { approved: "end" } }, end: { does: "end" } } as const;
    const saga = new Saga(nodes);
    expect(statusOf(saga.state)).toBe("asking");
    expect(saga.visit("ask")?.asks).toBe("operator");
    saga.tell({ is: "decide", node: "ask", approved: true, by, words: "fine" });
    expect(saga.state.outcome).toBe("completed");
    expect(saga.notes).toEqual(["approve ask Ada"]);
    const rejected = new Saga(nodes);
    rejected.tell({ is: "decide", node: "ask", approved: false, by, words: "too dear" });
    expect(rejected.state).toMatchObject({ outcome: "compensated", reason: { code: "saga-rejected" } });
    const wired = new Saga({ ...nodes, ask: { does: "approval", to: { approved: null, rejected: "end" } } });
    wired.tell({ is: "decide", node: "ask", approved: false, by });
    expect(wired.state.outcome).toBe("completed");
  });

  it("for a person, for too long", () => {
    const saga = new Saga({ ask: { does: "approval", withinMs: 10 } }).pass();
    expect(saga.state.reason?.code).toBe("saga-decision-late");
  });
});

describe("backward", () => {
  it("undoes what is done, the last first, and says that it was undone", () => {
    const saga = new Saga(three).ok("reserve").ok("charge").fails("book");
    expect(statusOf(saga.state)).toBe("compensating");
    expect(saga.state.reason).toMatchObject({ ...cause, node: "book" });
    expect(saga.keys).toEqual(["charge.undo#1"]);
    expect(stepsOf(saga.state)).toEqual(["charge"]);
    saga.undone("charge");
    expect(saga.keys).toEqual(["reserve.undo#1"]);
    saga.undone("reserve");
    expect(saga.state).toMatchObject({ outcome: "compensated", leaves: "start" });
    expect(exitOf(saga.program, saga.state)).toEqual({ node: "start", port: "compensated" });
  });

  it("undoes branches side by side, each behind first", () => {
    const saga = new Saga(branches).ok("a1").ok("a2").ok("b1").fails("last", "maybe");
    expect(saga.keys).toEqual(["last.undo#1"]);
    saga.undone("last");
    expect(saga.keys).toEqual(["b1.undo#1", "a2.undo#1"]);
    saga.undone("b1").undone("a2");
    expect(saga.keys).toEqual(["a1.undo#1"]);
  });

  it("begins nothing new, and waits for actions under way: their outcome decides whether they are undone", () => {
    const saga = new Saga(branches).fails("b1");
    expect(saga.keys).toEqual([]);
    expect(statusOf(saga.state)).toBe("compensating");
    expect(stepsOf(saga.state)).toEqual(["a1"]);
    saga.ok("a1");
    expect(saga.visit("a2")).toBeUndefined();
    expect(saga.keys).toEqual(["a1.undo#1"]);
    const none = new Saga(branches).fails("b1").failsOnce("a1");
    expect(none.visit("a1")?.state).toBe("failed");
    expect(none.state.outcome).toBe("compensated");
  });

  it("cancels what waits, also for a next attempt", () => {
    const saga = new Saga({ ...branches, a1: { does: "wait", to: "a2" } }).fails("b1");
    expect(saga.visit("a1")?.state).toBe("cancelled");
    expect(saga.state.outcome).toBe("compensated");
    const tried = new Saga(branches).failsOnce("a1", "maybe").fails("b1");
    expect(tried.visit("a1")?.state).toBe("cancelled");
    expect(tried.keys).toEqual(["a1.undo#1"]);
  });

  it("does not send what began in the same moment as the saga turned", () => {
    const evaluation = {
      ...plainEvaluation,
      pass: () => {
        throw new BodyPathError("no");
      },
    };
    const saga = new Saga({ ...branches, b1: { does: "pass", to: "join" } }, evaluation);
    expect(saga.sent).toEqual([]);
    expect(saga.visit("a1")).toMatchObject({ state: "cancelled", attempt: 0, attempts: [] });
    expect(saga.state.outcome).toBe("compensated");
  });

  it("does not send what began with an earlier event that is not written yet", () => {
    const { program, evaluation, state, sent, now } = new Saga(three);
    const cancel = { is: "cancel", by, reason: "at once" } as const;
    const next = transition(program, evaluation, state, cancel, now, () => 1, { unseen: sent });
    expect(next).toMatchObject({ changed: true, commands: [], state: { outcome: "compensated" } });
    const ok = { is: "arrival", node: "reserve", body: 1 } as const;
    expect(transition(program, evaluation, state, ok, now, () => 1, { unseen: sent })).toMatchObject({
      changed: false,
    });
  });

  it("passes over a step without compensation, and says so", () => {
    const saga = new Saga({ ...three, charge: { to: "book", undoAttempts: 0 } })
      .ok("reserve")
      .ok("charge")
      .fails("book");
    expect(saga.visit("charge")?.undo?.state).toBe("passed");
    expect(saga.notes).toEqual(["no-compensation charge"]);
    expect(saga.keys).toEqual(["reserve.undo#1"]);
  });

  it("tries a compensation again, and asks a person when its attempts are used up; other branches go on", () => {
    const saga = new Saga(branches).ok("a1").ok("a2").ok("b1").fails("last");
    saga.undoFails("a2", true);
    expect(statusOf(saga.state)).toBe("stuck");
    saga.undoFails("b1").pass();
    expect(saga.keys).toEqual(["b1.undo#2"]);
    saga.undone("b1");
    expect(stepsOf(saga.state)).toEqual(["a2"]);
    expect(dueAtOf(saga.state)).toBeNull();
    expect(saga.keys).toEqual([]);
    saga.tell({ is: "retry", node: "a2", by });
    expect(saga.keys).toEqual(["a2.undo#2"]);
    // Its attempts count anew.
    saga.undoFails("a2").pass().undoFails("a2").pass();
    expect(saga.keys).toEqual(["a2.undo#4"]);
    saga.undoFails("a2");
    expect(saga.visit("a2")?.undo?.state).toBe("stuck");
    saga.tell({ is: "skip", node: "a2", by, reason: "settled by phone" });
    expect(saga.keys).toEqual(["a1.undo#1"]);
    saga.tell({ is: "complete", node: "a1", by, result: null });
    expect(saga.state.outcome).toBe("compensated");
    expect(saga.notes).toEqual(["retry a2 Ada", "skip a2 Ada", "complete a1 Ada"]);
  });
});

describe("the pivot", () => {
  const pivot = { ...three, charge: { to: "book", pivot: true } } as const;

  it("done: nothing is undone, a person is asked", () => {
    const saga = new Saga(pivot).ok("reserve").ok("charge").fails("book");
    expect(saga.state.pivoted).toBe(true);
    expect(saga.visit("book")).toMatchObject({ state: "stuck", cause });
    expect(statusOf(saga.state)).toBe("stuck");
    expect(saga.tell({ is: "cancel", by, reason: "no" })).toMatchObject({ changed: false, why: "not-now" });
    saga.tell({ is: "retry", node: "book", by });
    expect(saga.keys).toEqual(["book#2"]);
    saga.ok("book");
    expect(saga.state.outcome).toBe("completed");
  });

  it("failed without effect: back; failed after it may have taken effect: a person is asked", () => {
    expect(new Saga(pivot).ok("reserve").fails("charge").keys).toEqual(["reserve.undo#1"]);
    const saga = new Saga(pivot).ok("reserve").fails("charge", "maybe");
    expect(saga.visit("charge")?.state).toBe("stuck");
    expect(saga.keys).toEqual([]);
    // Its answer comes after all.
    saga.ok("charge");
    expect(saga.keys).toEqual(["book#1"]);
  });

  it("under way in another branch: a failure waits for its outcome", () => {
    const nodes = { ...branches, a1: { to: "a2", pivot: true } } as const;
    const saga = new Saga(nodes).fails("b1");
    expect(saga.visit("b1")?.state).toBe("stuck");
    expect(saga.tell({ is: "cancel", by, reason: "no" })).toMatchObject({ changed: false });
    saga.fails("a1");
    expect(saga.state).toMatchObject({ outcome: "compensated", reason: { node: "a1" } });
    const done = new Saga(nodes).fails("b1").ok("a1").ok("a2");
    expect(stepsOf(done.state)).toEqual(["b1", "join"]);
    done.tell({ is: "skip", node: "b1", by, reason: "by hand" });
    expect(done.keys).toEqual(["last#1"]);
  });

  it("failed without effect and goes on by its error port: what was stuck because of it turns", () => {
    const saga = new Saga({ ...branches, a1: { to: { out: "a2", error: "a2" }, pivot: true } }).fails("b1").fails("a1");
    expect(saga.state).toMatchObject({ phase: "ended", outcome: "compensated", reason: { node: "b1" } });
    expect(saga.visit("a2")?.state).toBe("cancelled");
  });
});

describe("what comes late or twice", () => {
  it("is noted, counted, and after a while no longer", () => {
    const saga = new Saga(three).ok("reserve");
    for (let n = 0; n < 30; n++) saga.ok("reserve");
    expect(saga.state.notes).toEqual([{ at: saga.now, what: "second-answer", node: "reserve", times: 10 }]);
    expect(
      saga.tell({ is: "outcome", node: "reserve", side: "action", result: { ok: true, answer: 1 } }),
    ).toMatchObject({
      changed: false,
      why: "late",
    });
    expect(saga.state.visits).toHaveLength(2);
  });

  it("an answer to an earlier attempt is the action's answer", () => {
    const saga = new Saga(three).failsOnce("reserve", "maybe");
    saga.outcome("reserve", "action", { ok: true, answer: 1 }, 1);
    expect(saga.keys).toEqual(["charge#1"]);
  });

  it("a failure of an earlier attempt spends none, but tells that it may have taken effect", () => {
    const saga = new Saga(three).failsOnce("reserve").pass();
    const late: CommandResult = { ok: false, final: true, effect: "maybe", cause };
    saga.outcome("reserve", "action", late, 1);
    expect(saga.visit("reserve")).toMatchObject({ state: "working", attempt: 2, effect: "maybe" });
  });

  it("an answer of what was taken for without effect has it undone, too", () => {
    const saga = new Saga(branches).fails("b1").outcome("b1", "action", { ok: true, answer: 1 });
    expect(saga.keys).toEqual(["b1.undo#1"]);
    expect(saga.notes).toEqual(["late-answer b1"]);
  });

  it("after the end is noted only", () => {
    const saga = new Saga(three).fails("reserve", "maybe").undone("reserve");
    saga.ok("reserve").undone("reserve");
    expect(saga.state.outcome).toBe("compensated");
    expect(saga.notes).toEqual(["late-answer reserve", "second-answer reserve"]);
    expect(saga.sent).toEqual([]);
  });

  it("names what it does not know", () => {
    const saga = new Saga(three);
    expect(saga.tell({ is: "retry", node: "nowhere", by })).toMatchObject({ changed: false, why: "unknown-node" });
    expect(saga.tell({ is: "retry", node: "book", by })).toMatchObject({ changed: false, why: "not-now" });
    expect(saga.tell({ is: "retry", node: "reserve", by })).toMatchObject({ changed: false, why: "not-now" });
  });
});

describe("a worker that is gone", () => {
  it("leaves its command to whoever comes when the lease has run out: same key, same attempt", () => {
    const saga = new Saga(three);
    expect(dueAtOf(saga.state)).toBe(saga.now + commandLeaseMs);
    expect(pendingCommands(saga.state)).toEqual(saga.sent);
    saga.pass();
    expect(saga.keys).toEqual(["reserve#1"]);
    expect(saga.visit("reserve")).toMatchObject({ effect: "maybe", attempts: [{ number: 1, resent: 1 }] });
    // The one before may have taken effect, whatever this one says.
    saga.fails("reserve");
    expect(saga.keys).toEqual(["reserve.undo#1"]);
  });

  it("is none while its command is under way here", () => {
    const saga = new Saga(three);
    saga.now += commandLeaseMs;
    expect(saga.tell({ is: "due", busy: new Set([commandKey(id, "reserve", "action")]) })).toMatchObject({
      changed: false,
    });
  });

  it("again and again with the same attempt, has that attempt fail", () => {
    const saga = new Saga(three);
    for (let n = 0; n < resendsMax; n++) saga.pass();
    expect(saga.keys).toEqual(["reserve#1"]);
    saga.pass();
    expect(saga.visit("reserve")).toMatchObject({ state: "retrying", cause: { code: "saga-command-lost" } });
  });

  it("once the saga has turned, its action is not begun again, but undone", () => {
    const saga = new Saga(branches).fails("b1").pass();
    expect(saga.visit("a1")).toMatchObject({ state: "failed", effect: "maybe" });
    expect(saga.keys).toEqual(["a1.undo#1"]);
    saga.pass();
    expect(saga.keys).toEqual(["a1.undo#1"]);
  });

  it("a command that was sent is not sent again, and its answer is waited for", () => {
    const saga = new Saga(three);
    saga.tell({ is: "sent", node: "reserve", side: "action", attempt: 1 });
    expect(pendingCommands(saga.state)).toEqual([]);
    expect(dueAtOf(saga.state)).toBe(saga.now + 30_000);
    saga.pass();
    expect(saga.visit("reserve")).toMatchObject({
      state: "retrying",
      effect: "maybe",
      cause: { code: "saga-answer-late" },
    });
    saga.pass();
    expect(saga.visit("reserve")).not.toHaveProperty("sentAt");
    expect(saga.keys).toEqual(["reserve#2"]);
    expect(saga.tell({ is: "sent", node: "reserve", side: "action", attempt: 1 })).toMatchObject({ changed: false });
  });

  it("the answer of a sub-saga may be waited for without an end", () => {
    const saga = new Saga({ sub: { timeoutMs: Number.POSITIVE_INFINITY } });
    saga.tell({ is: "sent", node: "sub", side: "action", attempt: 1 });
    expect(dueAtOf(saga.state)).toBeNull();
  });
});

describe("persons", () => {
  it("cancel: what was done is undone", () => {
    const saga = new Saga(three).ok("reserve");
    saga.tell({ is: "cancel", by, reason: "customer called" });
    expect(saga.state.reason).toEqual({ code: "saga-cancelled", message: "customer called", by });
    saga.ok("charge").undone("charge").undone("reserve");
    expect(saga.state.outcome).toBe("compensated");
    expect(saga.tell({ is: "cancel", by, reason: "again" })).toMatchObject({ changed: false, why: "ended" });
  });

  it("undo one that is complete, unless it is past its pivot", () => {
    const saga = new Saga(three).ok("reserve").ok("charge").ok("book");
    saga.tell({ is: "emitted" });
    saga.tell({ is: "undo", by: "above", reason: "undone above" });
    expect(saga.keys).toEqual(["book.undo#1"]);
    saga.undone("book").undone("charge").undone("reserve");
    expect(exitOf(saga.program, saga.state)).toEqual({ node: "start", port: "compensated" });
    const past = new Saga({ only: { pivot: true } }).ok("only");
    expect(past.tell({ is: "undo", by, reason: "no" })).toMatchObject({ changed: false, why: "not-now" });
  });

  it("retry what waits for its next attempt: now", () => {
    const saga = new Saga(three).failsOnce("reserve");
    saga.tell({ is: "retry", node: "reserve", by });
    expect(saga.keys).toEqual(["reserve#2"]);
    expect(saga.visit("reserve")?.allowed).toBe(4);
  });

  it("complete a step under way: its own answer is a second one", () => {
    const saga = new Saga({ ...three, reserve: { to: "charge", into: "stock" } });
    saga.tell({ is: "complete", node: "reserve", by, result: 5 });
    expect(saga.state.body).toEqual({ stock: 5 });
    expect(saga.keys).toEqual(["charge#1"]);
    saga.ok("reserve", 6);
    expect(saga.state.body).toEqual({ stock: 5 });
    expect(saga.notes).toEqual(["complete reserve Ada", "second-answer reserve"]);
  });

  it("skip a wait and a timer, complete a wait; an approval is decided", () => {
    const saga = new Saga({
      wait: { does: "wait", to: "timer" },
      timer: { does: "timer", to: "other" },
      other: { does: "wait", into: "x", to: "ask" },
      ask: { does: "approval", to: { approved: null } },
    });
    saga.tell({ is: "skip", node: "wait", by, reason: "no need" });
    saga.tell({ is: "skip", node: "timer", by, reason: "no need" });
    saga.tell({ is: "complete", node: "other", by, result: 1 });
    expect(saga.state.body).toEqual({ x: 1 });
    expect(saga.visit("wait")?.state).toBe("skipped");
    expect(saga.tell({ is: "skip", node: "ask", by, reason: "no" })).toMatchObject({ changed: false, why: "not-now" });
    expect(saga.tell({ is: "complete", node: "ask", by, result: 1 })).toMatchObject({ changed: false });
  });

  it("get a plain node past the pivot going, with data or without it", () => {
    let isBroken = true;
    const evaluation: SagaEvaluation = {
      ...plainEvaluation,
      pass: (_, { body }) => {
        if (isBroken) throw new BodyPathError("no");
        return { port: "out", body };
      },
    };
    const nodes = {
      charge: { pivot: true, to: "map" },
      map: { does: "pass", to: "ask" },
      ask: { does: "approval", to: { approved: "end" } },
      end: { does: "end" },
    } as const;
    const stuck = () => new Saga(nodes, evaluation).ok("charge");
    const saga = stuck();
    expect(saga.visit("map")?.state).toBe("stuck");
    expect(saga.tell({ is: "complete", node: "map", by, result: 1 })).toMatchObject({ changed: false });
    saga.tell({ is: "complete", node: "map", by, result: { mended: true } });
    expect(saga.state.body).toEqual({ mended: true });
    saga.tell({ is: "decide", node: "ask", approved: false, by });
    expect(saga.visit("ask")?.state).toBe("stuck");
    expect(saga.tell({ is: "skip", node: "ask", by, reason: "no" })).toMatchObject({ changed: false });
    saga.tell({ is: "retry", node: "ask", by });
    saga.tell({ is: "decide", node: "ask", approved: true, by });
    expect(saga.state.outcome).toBe("completed");
    const again = stuck();
    again.tell({ is: "retry", node: "map", by });
    expect(again.visit("map")?.state).toBe("stuck");
    isBroken = false;
    again.tell({ is: "retry", node: "map", by });
    expect(again.visit("map")).toMatchObject({ state: "done" });
    expect(again.visit("map")).not.toHaveProperty("cause");
  });

  it("give a result to what is done, but for its output: its command is not sent again", () => {
    const saga = new Saga({ charge: { pivot: true, into: "a.b" } }, plainEvaluation, { a: "text" }).ok("charge");
    expect(saga.visit("charge")).toMatchObject({ state: "stuck", effect: "done" });
    expect(saga.tell({ is: "retry", node: "charge", by })).toMatchObject({ changed: false, why: "not-now" });
    saga.tell({ is: "skip", node: "charge", by, reason: "fine" });
    expect(saga.state.outcome).toBe("completed");
  });
});

describe("bounds", () => {
  it("keep the last attempts of each side, and texts at a readable size", () => {
    const saga = new Saga({ only: { attempts: 1_000 } });
    const request = "x".repeat(100_000);
    for (let n = 0; n < 60; n++) {
      saga.outcome("only", "action", { ok: false, final: false, effect: "none", cause, request, answerText: request });
      saga.pass();
    }
    const attempts = saga.visit("only")!.attempts;
    expect(attempts.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, n) => 42 + n));
    expect(attempts.filter((each) => each.request !== undefined)).toHaveLength(4);
    expect(JSON.stringify(saga.state).length).toBeLessThan(30_000);
  });

  it("keep the last hundred notes", () => {
    const saga = new Saga({ only: { attempts: 1_000 } });
    for (let n = 0; n < 150; n++) {
      saga.failsOnce("only");
      saga.tell({ is: "retry", node: "only", by });
    }
    expect(saga.state.notes).toHaveLength(100);
  });
});

it("keys of commands are read back", () => {
  for (const side of ["action", "compensation"] as const)
    for (const node of ["reserve", "undo"])
      expect(parseCommandKey(commandKey(id, node, side))).toEqual({ saga: id, node, side });
  for (const text of ["", "x", ".a", "a.", "a.b.c", "a.b.undo.undo"]) expect(parseCommandKey(text)).toBeNull();
});

describe("an end whose event cannot be made", () => {
  const evaluation: SagaEvaluation = {
    ...plainEvaluation,
    end: () => {
      throw new ExpressionError("expression-failed", "`event`: no such field.");
    },
  };

  it("fails the saga before it is complete", () => {
    const saga = new Saga({ a: { to: "done" }, done: { does: "end" } }, evaluation).ok("a");
    expect(saga.state).toMatchObject({ phase: "backward", reason: { node: "done", code: "expression-failed" } });
    expect(saga.state.leaves).toBeUndefined();
    saga.outcome("a", "compensation", { ok: true, answer: null });
    expect(saga.state).toMatchObject({ outcome: "compensated", leaves: "start" });
  });

  it("asks a person past the pivot", () => {
    const saga = new Saga({ a: { to: "done", pivot: true }, done: { does: "end" } }, evaluation).ok("a");
    expect(statusOf(saga.state)).toBe("stuck");
    saga.tell({ is: "skip", node: "done", by, reason: "told by hand" });
    expect(saga.state).toMatchObject({ outcome: "completed", leaves: "done" });
  });
});
