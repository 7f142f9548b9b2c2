import { decodeSaga, encodeSaga } from "../saga/coding";
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
} from "../saga/machine";
import type { SagaProgram } from "../saga/program";
import type { CommandResult, SagaCommand, SagaEvent, SagaState, Visit } from "../saga/state";
import type { AnyProgram } from "./any-program";
import { findFaults } from "./saga-faults";

export const moves = [
  "succeed",
  "succeed",
  "succeed",
  "succeed",
  "fail for good",
  "fail for good, maybe done",
  "fail",
  "fail, maybe done",
  "be away",
  "send",
  "hand back",
  "repeat an answer",
  "repeat an answer",
  "answer late",
  "let time pass",
  "let time pass",
  "let a moment pass",
  "crash",
  "arrive",
  "approve",
  "reject",
  "retry",
  "skip",
  "complete",
  "cancel",
  "undo",
  "hand on",
] as const;
export type Move = (typeof moves)[number];

/** A saga and everything around it: its worker, the services, persons, time. Keeps the books of what may be true of it. */
export class SagaWorld {
  state: SagaState;
  now = 1_000_000;
  readonly faults: string[] = [];
  /** Commands that the worker has in hand, by key. */
  readonly inHand = new Map<string, SagaCommand>();
  /** Commands that were handed out before, whatever became of them. */
  readonly past: SagaCommand[] = [];
  /** Steps that may have taken effect for all that anybody can know, and those of which the saga was told so. */
  readonly mayBeDone = new Set<string>();
  readonly toldDone = new Set<string>();
  /** Steps that took effect, although their worker was gone before it could say so. */
  readonly secretlyDone = new Set<string>();
  /** What each command said at first, by key. */
  readonly #said = new Map<string, string>();
  /** Keys of commands whose outcome is recorded. */
  readonly #closed = new Set<string>();

  constructor(readonly saga: AnyProgram) {
    const init = { id: "saga", key: "o-1", body: {}, headers: {}, depth: 0 };
    const { state, commands } = beginSaga(saga.program, saga.evaluation, init, this.now);
    this.state = state;
    this.#check(undefined, state, commands, "begin");
  }

  get program(): SagaProgram {
    return this.saga.program;
  }

  get isAsking(): boolean {
    const status = statusOf(this.state);
    return status === "asking" || status === "stuck";
  }

  tell(event: SagaEvent, luck = 0.5): boolean {
    freeze(this.state);
    const next = transition(this.program, this.saga.evaluation, this.state, event, this.now, () => luck);
    if (!next.changed) return false;
    const before = this.state;
    this.state = next.state;
    this.#check(before, next.state, next.commands, event.is);
    return true;
  }

  #check(before: SagaState | undefined, after: SagaState, commands: readonly SagaCommand[], what: string): void {
    const fault = (words: string) => this.faults.push(`${what}: ${words}`);
    for (const words of findFaults(this.program, before, after)) fault(words);
    for (const { key, attempt, node, side, scope } of commands) {
      const parts = parseCommandKey(key);
      if (parts?.saga !== after.id || parts.node !== node || parts.side !== side) fault(`${key} is not of ${node}`);
      if (this.#closed.has(key)) fault(`${key} is sent after its outcome was recorded`);
      if (side === "action" && before?.visits.find((visit) => visit.node === node)?.effect === "done")
        fault(`${key} is sent after it succeeded`);
      if (side === "action" && after.phase !== "forward") fault(`${key} is sent after the saga turned`);
      if (side === "compensation" && !this.mayBeDone.has(node)) fault(`${key} undoes what surely did nothing`);
      const said = JSON.stringify(scope);
      if (said !== (this.#said.get(key) ?? said)) fault(`${key}#${attempt} says something else than before`);
      this.#said.set(key, said);
      if (!pendingCommands(after).some((pending) => pending.key === key && pending.attempt === attempt))
        fault(`${key} is sent and not pending`);
    }
    if (what !== "due" && what !== "retry") {
      const pending = pendingCommands(after).filter(({ key }) => !this.inHand.has(key));
      const sent = new Set(commands.map(({ key }) => key));
      // What was lost with a worker is sent when its lease is over; everything else with the transition that it began in.
      for (const { key } of pending)
        if (!sent.has(key) && !this.past.some((each) => each.key === key))
          fault(`${key} is pending and was never sent`);
    }
    for (const { node, state, undo } of after.visits) {
      if (["done", "failed", "cancelled", "skipped"].includes(state))
        this.#closed.add(commandKey(after.id, node, "action"));
      if (undo && ["done", "skipped", "passed"].includes(undo.state))
        this.#closed.add(commandKey(after.id, node, "compensation"));
    }
    if (after.outcome === "compensated") {
      for (const { node, undo } of after.visits) {
        const isDone = this.toldDone.has(node) || this.secretlyDone.has(node);
        if (isDone && !undo && before?.phase !== "ended") fault(`${node} was left undone`);
      }
    }
    for (const command of commands) {
      this.inHand.set(command.key, command);
      this.past.push(command);
    }
  }

  /** Something happens; `pick` says to which of those to which it could. False: to none. */
  move(move: Move, pick: number): boolean {
    const command = choose([...this.inHand.values()], pick);
    const visit = choose(this.state.visits, pick);
    switch (move) {
      case "succeed":
        return this.#answer(command, { ok: true, answer: { by: pick } });
      case "fail for good":
        return this.#answer(command, failure(true, "none"));
      case "fail for good, maybe done":
        return this.#answer(command, failure(true, "maybe"));
      case "fail":
        return this.#answer(command, { ...failure(false, "none"), ...(pick % 3 === 0 ? { retryAfterMs: pick } : {}) });
      case "be away":
        return this.#answer(command, { ...failure(false, pick % 3 === 0 ? "maybe" : "none"), away: true });
      case "fail, maybe done":
        return this.#answer(command, failure(false, "maybe"));
      case "send": {
        if (!command) return false;
        this.inHand.delete(command.key);
        const { node, side, attempt } = command;
        if (side === "action") this.mayBeDone.add(node);
        return this.tell({ is: "sent", node, side, attempt });
      }
      case "hand back": {
        if (!command) return false;
        this.inHand.delete(command.key);
        const { node, side, attempt } = command;
        if (side === "action") this.mayBeDone.add(node);
        return this.tell({ is: "handed-back", node, side, attempt });
      }
      case "answer late":
      case "repeat an answer": {
        const past = choose(this.past, pick);
        // A service that did it does not say that it did not.
        const result =
          pick % 4 > 0 || (past && this.secretlyDone.has(past.node))
            ? { ok: true as const, answer: { late: pick } }
            : failure(pick % 8 === 0, pick % 3 === 0 ? "maybe" : "none");
        return this.#answer(past, result, move === "repeat an answer");
      }
      case "let time pass":
        return this.letTimePass();
      case "let a moment pass":
        this.now += pick;
        return this.#tellDue();
      case "crash":
        return this.#crash(pick);
      case "arrive":
        return visit !== undefined && this.tell({ is: "arrival", node: visit.node, body: { came: pick } });
      case "approve":
      case "reject":
        return (
          visit !== undefined && this.tell({ is: "decide", node: visit.node, approved: move === "approve", by: "Ada" })
        );
      case "retry":
        return visit !== undefined && this.tell({ is: "retry", node: visit.node, by: "Ada" });
      case "skip":
        return visit !== undefined && this.tell({ is: "skip", node: visit.node, by: "Ada", reason: "so" });
      case "complete":
        return this.#complete(visit, pick);
      case "cancel":
        return this.tell({ is: "cancel", by: "Ada", reason: "so" });
      case "undo":
        return this.tell({ is: "undo", by: "above", reason: "so" });
      case "hand on":
        return this.tell({ is: "emitted" });
    }
  }

  #answer(command: SagaCommand | undefined, result: CommandResult, saysNoAttempt = false): boolean {
    if (!command) return false;
    const { node, side, attempt, key } = command;
    if (this.inHand.get(key)?.attempt === attempt) this.inHand.delete(key);
    if (side === "action" && (result.ok || result.effect === "maybe")) {
      this.mayBeDone.add(node);
      if (this.state.phase !== "ended") this.toldDone.add(node);
    }
    return this.tell({ is: "outcome", node, side, result, ...(saysNoAttempt ? {} : { attempt }) });
  }

  #complete(visit: Visit | undefined, pick: number): boolean {
    if (!visit) return false;
    const isDone = this.mayBeDone.has(visit.node);
    this.mayBeDone.add(visit.node);
    const completed = this.tell({ is: "complete", node: visit.node, by: "Ada", result: { given: pick } });
    const now = this.state.visits.find(({ node }) => node === visit.node);
    if (!isDone && now?.effect === "none") this.mayBeDone.delete(visit.node);
    return completed;
  }

  letTimePass(): boolean {
    this.now = Math.max(this.now, dueAtOf(this.state) ?? this.now);
    return this.#tellDue();
  }

  #tellDue(): boolean {
    return this.tell({ is: "due", busy: new Set(this.inHand.keys()) });
  }

  /** The worker is gone with what it had in hand, and has sent it or not. */
  #crash(pick: number): boolean {
    for (const { node, side } of this.inHand.values()) {
      if (side === "compensation") continue;
      this.mayBeDone.add(node);
      if (pick % 2 === 0) this.secretlyDone.add(node);
    }
    this.inHand.clear();
    const stored = decodeSaga(encodeSaga(this.state));
    if (JSON.stringify(stored) !== JSON.stringify(this.state))
      this.faults.push("crash: the saga is not what was stored");
    const read = (state: SagaState) =>
      JSON.stringify([
        pendingCommands(state),
        dueAtOf(state),
        statusOf(state),
        stepsOf(state),
        awaitsOf(state),
        exitOf(this.program, state),
      ]);
    if (read(stored) !== read(this.state)) this.faults.push("crash: what is read of it is not what it was");
    this.state = stored;
    return true;
  }

  /** Everything goes well from here on, but no person does anything. False: only a person could go on. */
  goOn(): boolean {
    const [command] = this.inHand.values();
    if (command) return this.move("succeed", 0) || true;
    const waiting = this.state.visits.find(({ state, awaits }) => state === "waiting" && awaits !== undefined);
    if (waiting) return this.tell({ is: "arrival", node: waiting.node, body: {} });
    if (dueAtOf(this.state) !== null) return this.letTimePass();
    // A sub-saga that is waited for however long ends some time.
    const sent = this.past.findLast(({ node, side }) => {
      const visit = this.state.visits.find((each) => each.node === node);
      const at = side === "action" ? visit : visit?.undo;
      return at?.state === "working";
    });
    return sent !== undefined && this.#answer(sent, { ok: true, answer: {} });
  }
}

function failure(final: boolean, effect: "none" | "maybe"): Extract<CommandResult, { ok: false }> {
  return { ok: false, final, effect, cause: { code: "http-status", message: "It failed." } };
}

function choose<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items[pick % items.length];
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const each of Object.values(value)) freeze(each);
}
