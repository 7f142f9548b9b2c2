import type { NodeLive, NodeState } from "../flow/control";
import type { Plan } from "../flow/plan";
import type { Cause } from "../flow/verdict";
import type { CallGate } from "./call-gate";
import { Latency } from "./latency";

interface Hold {
  state: "retrying" | "degraded";
  cause: Cause;
  readonly since: number;
}

/** What one node did since its version began in this worker, and how it fares. */
export class NodeCounters {
  in = 0;
  failed = 0;
  retried = 0;
  dead = 0;
  inFlight = 0;
  readonly ports: Record<string, number> = {};
  /** What is neither a message nor a failure, by name: answers that came too late. */
  readonly noted: Record<string, number> = {};
  readonly latency = new Latency();
  /** Of a step that calls out. */
  gate: Pick<CallGate, "circuit" | "nextCallAt"> | undefined;
  /** Messages that wait here for a later try. */
  parked: (() => number) | undefined;
  readonly #holds = new Set<Hold>();
  #base: { state: NodeState; cause: Cause | undefined; since: number };

  constructor(state: NodeState, now: number) {
    this.#base = { state, cause: undefined, since: now };
  }

  count(port: string, messages = 1): void {
    this.ports[port] = (this.ports[port] ?? 0) + messages;
  }

  note(what: string): void {
    this.noted[what] = (this.noted[what] ?? 0) + 1;
  }

  /** Sets the node's own state; messages that are being tried again stand above it. */
  become(state: NodeState, now: number, cause?: Cause): void {
    if (this.#base.state === state && this.#base.cause?.code === cause?.code) {
      this.#base.cause = cause;
      return;
    }
    this.#base = { state, cause, since: now };
  }

  /** Some of its messages are held; call `change` as the cause does, `release` when they go on. */
  hold(
    state: Hold["state"],
    cause: Cause,
    now: number,
  ): { change(state: Hold["state"], cause: Cause): void; release(): void } {
    const hold: Hold = { state, cause, since: now };
    this.#holds.add(hold);
    return {
      change: (next, why) => {
        hold.state = next;
        hold.cause = why;
      },
      release: () => this.#holds.delete(hold),
    };
  }

  read(now: number): NodeLive {
    const p50 = this.latency.percentile(0.5, now);
    const p95 = this.latency.percentile(0.95, now);
    const { state, cause, since } = this.#status();
    const circuit = this.gate?.circuit;
    const nextCallAt = this.gate?.nextCallAt;
    const parked = this.parked?.() ?? 0;
    return {
      state,
      ...(cause ? { cause } : {}),
      since,
      in: this.in,
      ports: { ...this.ports },
      failed: this.failed,
      retried: this.retried,
      dead: this.dead,
      inFlight: this.inFlight,
      ...(parked > 0 ? { parked } : {}),
      ...(Object.keys(this.noted).length > 0 ? { noted: { ...this.noted } } : {}),
      ...(circuit ? { circuit } : {}),
      ...(nextCallAt === undefined ? {} : { nextCallAt }),
      ...(p50 === undefined ? {} : { p50 }),
      ...(p95 === undefined ? {} : { p95 }),
    };
  }

  #status(): { state: NodeState; cause: Cause | undefined; since: number } {
    if (this.#base.state !== "running" && this.#base.state !== "starting") return this.#base;
    let worst: Hold | undefined;
    for (const hold of this.#holds) {
      if (!worst || (hold.state === "degraded" && worst.state === "retrying")) worst = hold;
    }
    return worst ?? this.#base;
  }
}

/**
 * Counters of a version: of every stage, and of the nodes that hold or stand inside a saga. New ones, but for nodes of which `shared` has
 * some: what an older version does at a node is counted there, where the one that runs still has it.
 */
export function countersOf(
  { segments, exits, sagas }: Plan,
  shared: (node: string) => NodeCounters | undefined = () => undefined,
): Map<string, NodeCounters> {
  const now = Date.now();
  const held = [...Object.keys(exits), ...sagas.flatMap(({ start, nodes }) => [start, ...Object.keys(nodes)])];
  const counters = new Map(held.map((node) => [node, shared(node) ?? new NodeCounters("running", now)]));
  for (const { node, role } of segments.flatMap(({ stages }) => stages))
    counters.set(node, shared(node) ?? new NodeCounters(role === "source" ? "starting" : "running", now));
  return counters;
}
