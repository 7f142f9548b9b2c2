import type { Cause } from "../verdict";
import { beginSaga, dueAtOf, pendingCommands, transition } from "./machine";
import type { SagaEvaluation, SagaProgram, SagaScope } from "./program";
import { evaluateLeniently } from "./simulated-evaluation";
import type { CommandResult, SagaCommand, SagaEvent, SagaState, Visit } from "./state";

/** How a saga would go: which data, what comes, where it fails. */
export interface SimulationOptions {
  readonly key: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** By node: the answer of a step, the body of what a wait waits for. Absent: an empty record. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /**
   * By node, what comes of it. Of waits and approvals `arrives`, `approved` (as when it is absent), `rejected`, `timeout` (only where there is
   * a time limit); of a switch or filter the port by which it goes on, whatever the data say.
   */
  readonly choices?: Readonly<Record<string, string>>;
  /**
   * The node that fails for good. Of a step, `maybe`: its answer was lost, so it may have taken effect; `none`: it surely did nothing. An
   * approval is rejected.
   */
  readonly failure?: { readonly node: string; readonly effect?: "none" | "maybe"; readonly cause?: Cause };
  /** When it begins, in milliseconds since the epoch. */
  readonly now: number;
}

export interface Simulation {
  /** `asking`: it would stand still until a person says how to go on, at the nodes in `stuck`. */
  readonly outcome: "completed" | "compensated" | "asking";
  /** Nodes in the order in which it comes to them. */
  readonly forward: readonly SimulatedVisit[];
  /** Compensations in the order in which they begin. */
  readonly backward: readonly SimulatedUndo[];
  /** What may have taken effect and would stay so, after it was undone, as it has no compensation. */
  readonly leftUndone: readonly string[];
  readonly stuck: readonly { readonly node: string; readonly cause: Cause }[];
  /** Nodes whose expressions failed on the data given: something was put in place, so that it goes on. Better answers would mend it. */
  readonly guessed: readonly string[];
  /** Did it come to the node that was to fail? `true` where none was. */
  readonly hasFailed: boolean;
  /** As it stands at the end, its whole story. */
  readonly state: SagaState;
}

export interface SimulatedVisit {
  readonly node: string;
  /** The nodes before it; none for the first. */
  readonly from: readonly string[];
  /** Equal for what begins side by side; from 1. */
  readonly wave: number;
  readonly state: Visit["state"];
  readonly effect: Visit["effect"];
  readonly port?: string;
  readonly cause?: Cause;
  /** Of a step: what its request is rendered from. */
  readonly scope?: SagaScope;
  /** The saga's data once it has left the node. */
  readonly body: unknown;
}

export interface SimulatedUndo {
  readonly node: string;
  /** Equal for compensations that go side by side; from 1. */
  readonly wave: number;
  /** What its request is rendered from. */
  readonly scope: SagaScope;
  readonly key: string;
}

/**
 * Runs a saga in memory: every command succeeds at its first attempt, but for the node that fails. Of what is under way side by side with
 * that node, nothing has come further than it had to; all of it then succeeds and is undone. Pure.
 */
export function simulateSaga(program: SagaProgram, evaluation: SagaEvaluation, options: SimulationOptions): Simulation {
  return new Run(program, evaluation, options).toEnd();
}

const simulatedId = "00000000-0000-4000-8000-000000000000";
const failureCause: Cause = { code: "simulated", message: "It fails in this simulation." };

class Run {
  #state: SagaState;
  #now: number;
  #wave = 1;
  readonly #evaluation: SagaEvaluation;
  readonly #bodies = new Map<string, unknown>();
  readonly #waves = new Map<string, number>();
  readonly #scopes = new Map<string, SagaScope>();
  readonly #backward: SimulatedUndo[] = [];
  readonly #guessed = new Set<string>();

  constructor(
    readonly program: SagaProgram,
    evaluation: SagaEvaluation,
    readonly options: SimulationOptions,
  ) {
    this.#evaluation = evaluateLeniently(program, evaluation, options, this.#guessed);
    this.#now = options.now;
    const { key, body, headers = {} } = options;
    const init = { id: simulatedId, key, body, headers, depth: 0 };
    this.#state = beginSaga(program, this.#evaluation, init, this.#now, this.#more).state;
  }

  toEnd(): Simulation {
    do this.#mark();
    while (this.#state.phase !== "ended" && this.#goOn());
    const { visits, outcome } = this.#state;
    return {
      outcome: outcome ?? "asking",
      forward: visits.map((visit) => this.#show(visit)),
      backward: this.#backward,
      leftUndone: visits.filter(({ undo }) => undo?.state === "passed").map(({ node }) => node),
      stuck: visits.flatMap(({ node, state, cause }) => (state === "stuck" && cause ? [{ node, cause }] : [])),
      guessed: [...this.#guessed],
      hasFailed: !this.options.failure || visits.some(({ node }) => node === this.options.failure?.node),
      state: this.#state,
    };
  }

  readonly #more = {
    watch: ({ node }: Visit, body: unknown): void => {
      this.#bodies.set(node, body);
    },
  };

  #show(visit: Visit): SimulatedVisit {
    const { node, from, joined = [], state, effect, port, cause } = visit;
    const scope = this.#scopes.get(node);
    return {
      node,
      from: from === undefined ? [] : [from, ...joined],
      wave: this.#waves.get(node)!,
      state,
      effect,
      ...(port === undefined ? {} : { port }),
      ...(cause ? { cause } : {}),
      ...(scope ? { scope } : {}),
      body: this.#bodies.has(node) ? this.#bodies.get(node) : this.#state.body,
    };
  }

  /** Nodes to which it has come since are of this wave. */
  #mark(): void {
    for (const { node } of this.#state.visits) if (!this.#waves.has(node)) this.#waves.set(node, this.#wave);
    this.#wave++;
  }

  /** What happens next: answers to all that was sent, else what is waited for, else the time that passes. False: nothing does. */
  #goOn(): boolean {
    const commands = pendingCommands(this.#state);
    if (commands.length > 0) {
      this.#answerAll(commands);
      return true;
    }
    const waiting = this.#state.visits.filter((visit) => this.#isWaitedFor(visit));
    for (const visit of waiting) this.#tell(this.#whatComesTo(visit));
    if (waiting.length > 0) return true;
    const dueAt = dueAtOf(this.#state);
    if (dueAt === null) return false;
    this.#now = Math.max(this.#now, dueAt);
    this.#tell({ is: "due" });
    return true;
  }

  #tell(event: SagaEvent): void {
    const next = transition(this.program, this.#evaluation, this.#state, event, this.#now, () => 1, this.#more);
    if (next.changed) this.#state = next.state;
  }

  #answerAll(commands: readonly SagaCommand[]): void {
    // What was done last is undone first, also where the order does not matter.
    const compensations = commands.filter(({ side }) => side === "compensation").toReversed();
    const wave = (this.#backward.at(-1)?.wave ?? 0) + 1;
    for (const { node, scope, key } of compensations) this.#backward.push({ node, wave, scope, key });
    for (const { node, side, scope } of commands) if (side === "action") this.#scopes.set(node, scope);
    // The failure first: what goes side by side with it has then come no further.
    const isFailing = ({ node, side }: SagaCommand) => side === "action" && node === this.options.failure?.node;
    for (const command of [...commands.filter(isFailing), ...commands.filter((each) => !isFailing(each))]) {
      const { node, side, attempt } = command;
      this.#tell({ is: "outcome", node, side, attempt, result: this.#resultOf(command, isFailing(command)) });
    }
  }

  #resultOf({ node }: SagaCommand, isFailing: boolean): CommandResult {
    const { failure, answers = {} } = this.options;
    return isFailing
      ? { ok: false, final: true, effect: failure?.effect ?? "none", cause: failure?.cause ?? failureCause }
      : { ok: true, answer: node in answers ? answers[node] : {} };
  }

  #isWaitedFor({ node, state, awaits, asks, dueAt }: Visit): boolean {
    if (state !== "waiting" || (awaits === undefined && asks === undefined)) return false;
    return this.options.choices?.[node] !== "timeout" || dueAt === undefined;
  }

  #whatComesTo({ node, asks }: Visit): SagaEvent {
    const { answers = {}, choices = {}, failure } = this.options;
    if (asks === undefined) return { is: "arrival", node, body: node in answers ? answers[node] : {} };
    const approved = failure?.node !== node && choices[node] !== "rejected";
    return { is: "decide", node, approved, by: "simulation" };
  }
}
