import { BodyPathError } from "../body-path";
import { ExpressionError } from "../expression/errors";
import type { Cause } from "../verdict";
import { addAttempt, addNote, cutCause, cutWords, resumeAttempt } from "./bounds";
import { commandKey } from "./command-key";
import type { Persistence, SagaEvaluation, SagaNode, SagaProgram, SagaScope } from "./program";
import type { SagaCommand, SagaNote, SagaSide, SagaState, Undo, Visit } from "./state";
import { commandOf, readScope } from "./status";

/** A command that is in hand for longer, without its worker saying so to the store, is taken for lost with it. */
export const commandLeaseMs = 10_000;

/** What a transition is decided by. */
export interface CourseHouse {
  readonly program: SagaProgram;
  readonly evaluation: SagaEvaluation;
  readonly now: number;
  /** From 0 to 1: spreads the retries of many sagas. */
  readonly random: () => number;
  /** Commands of earlier transitions that nobody has seen either: what they came from is not written yet. */
  readonly unseen?: readonly SagaCommand[];
  /** Hears of each node that the saga has left, and of the data then (`simulate.ts`). */
  readonly watch?: (visit: Visit, body: unknown) => void;
}

type Changes<Shape> = { readonly [Name in keyof Shape]?: Shape[Name] | undefined };

/** One transition under way. The saga as it stands in it is replaced, never changed: the one that it was made of stays as it was. */
export class Course {
  state: SagaState;
  changed = false;
  /** Keys of commands that began in it, or just before: nobody has seen them yet. */
  readonly #begun = new Set<string>();

  constructor(
    readonly house: CourseHouse,
    state: SagaState,
  ) {
    this.state = state;
    for (const { key } of house.unseen ?? []) this.#begun.add(key);
  }

  get program(): SagaProgram {
    return this.house.program;
  }

  get now(): number {
    return this.house.now;
  }

  get scope(): SagaScope {
    return readScope(this.state);
  }

  /** @throws Error when the saga began with another program: its version does not fit. */
  drawn(node: string): SagaNode {
    const drawn = this.program.nodes[node];
    if (!drawn)
      throw new Error(`The saga \`${this.program.start}\` has no node \`${node}\` in this version of its flow.`);
    return drawn;
  }

  visit(node: string): Visit | undefined {
    return this.state.visits.find((visit) => visit.node === node);
  }

  set(changes: Changes<SagaState>): void {
    this.state = change(this.state, changes);
    this.changed = true;
  }

  add(visit: Visit): void {
    this.set({ visits: [...this.state.visits, visit] });
  }

  setVisit(node: string, changes: Changes<Visit>): void {
    this.set({ visits: this.state.visits.map((visit) => (visit.node === node ? change(visit, changes) : visit)) });
  }

  setUndo(node: string, changes: Changes<Undo> & Pick<Undo, "state">): void {
    const undo = this.visit(node)?.undo ?? { state: changes.state, attempt: 0, at: this.now };
    this.setVisit(node, { undo: change<Undo>(undo, changes) });
  }

  /** Puts data in place of what there is. Commands under way go on seeing what they saw first: see `Visit.given`. */
  setBody(body: unknown): void {
    const given = { body: this.state.body };
    if (body === given.body) return;
    const visits = this.state.visits.map((visit) => {
      if (mayBeSentAgain(visit.state) && visit.attempt > 0 && !visit.given) return { ...visit, given };
      const { undo } = visit;
      return undo && mayBeSentAgain(undo.state) && !undo.given ? { ...visit, undo: { ...undo, given } } : visit;
    });
    this.set({ body, visits });
  }

  note(what: SagaNote["what"], note: { node?: string; by?: string; words?: string }): void {
    const { words, ...rest } = note;
    const entry = { at: this.now, what, ...rest, ...(words === undefined ? {} : { words: cutWords(words) }) };
    const notes = addNote(this.state.notes, entry);
    if (notes) this.set({ notes });
  }

  /** How often and how long a side of a step is tried; `undefined`: it has no compensation. */
  persistence(node: string, side: SagaSide): Persistence | undefined {
    const drawn = this.drawn(node);
    if (drawn.does !== "step") return undefined;
    return side === "action" ? drawn.action : drawn.compensation;
  }

  /** The next attempt, or the one that was held back: its command is handed out with this transition. */
  beginAttempt(node: string, side: SagaSide): void {
    const visit = this.visit(node)!;
    const at = side === "action" ? visit : visit.undo;
    if (at?.held && !at.held.over) {
      this.setVisit(node, { attempts: resumeAttempt(visit.attempts, side, at.attempt) });
      this.#handOut(node, side, at.attempt);
      return;
    }
    const attempt = (at?.attempt ?? 0) + 1;
    this.setVisit(node, { attempts: addAttempt(visit.attempts, { side, number: attempt, at: this.now }) });
    this.#handOut(node, side, attempt);
  }

  /** The same attempt once more: the worker that had it is gone. */
  resend(node: string, side: SagaSide): void {
    const visit = this.visit(node)!;
    const { attempt } = side === "action" ? visit : visit.undo!;
    const attempts = visit.attempts.map((each) =>
      each.side === side && each.number === attempt ? { ...each, resent: (each.resent ?? 0) + 1 } : each,
    );
    // Whoever had it may have sent it: what a later try says of itself says nothing about that one.
    this.setVisit(node, side === "action" ? { attempts, effect: atLeastMaybe(visit.effect) } : { attempts });
    this.#handOut(node, side, attempt);
  }

  #handOut(node: string, side: SagaSide, attempt: number): void {
    const working = { state: "working", attempt, dueAt: this.now + commandLeaseMs, sentAt: undefined } as const;
    if (side === "action") this.setVisit(node, working);
    else this.setUndo(node, working);
    this.#begun.add(commandKey(this.state.id, node, side));
  }

  /** Has its command begun in this transition, so that nobody has sent it yet? */
  isUnseen(node: string, side: SagaSide): boolean {
    return this.#begun.has(commandKey(this.state.id, node, side));
  }

  /** Commands that began in it and still are to be sent. */
  listCommands(): SagaCommand[] {
    return this.state.visits.flatMap((visit) => [
      ...(visit.state === "working" && this.isUnseen(visit.node, "action")
        ? [commandOf(this.state, visit, "action")]
        : []),
      ...(visit.undo?.state === "working" && this.isUnseen(visit.node, "compensation")
        ? [commandOf(this.state, visit, "compensation")]
        : []),
    ]);
  }
}

function change<Shape extends object>(shape: Shape, changes: Changes<Shape>): Shape {
  const next: Partial<Shape> = {};
  // Built anew: an object from which a field is deleted is a slow one ever after.
  for (const name in shape) {
    const value = Object.hasOwn(changes, name) ? changes[name] : shape[name];
    if (value !== undefined) next[name] = value;
  }
  for (const name in changes)
    if (changes[name] !== undefined && !Object.hasOwn(shape, name)) next[name] = changes[name];
  return next as Shape;
}

function mayBeSentAgain(state: Visit["state"] | Undo["state"]): boolean {
  return state === "working" || state === "retrying" || state === "stuck";
}

export function atLeastMaybe(effect: Visit["effect"]): Visit["effect"] {
  return effect === "none" ? "maybe" : effect;
}

/** Why a node failed whose expression threw. Carries no payload. */
export function causeOf(error: unknown, node: string): Cause {
  const say = (code: string) => cutCause({ code, message: `Node \`${node}\`: ${(error as Error).message}` });
  if (error instanceof ExpressionError)
    return say(error.code === "expression-too-costly" ? error.code : "expression-failed");
  if (error instanceof BodyPathError) return say("body-invalid");
  // Its text may quote the payload.
  const name = error instanceof Error ? error.name : typeof error;
  return { code: "node-crashed", message: `Node \`${node}\` failed unexpectedly (${name}).` };
}
