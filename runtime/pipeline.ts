import type { Behaviour, Delivery, NodeContext, OpenSink, OpenStep } from "../flow/behaviour";
import type { FlowDocument, FlowSettings, Retry } from "../flow/document";
import type { Expression } from "../flow/expression";
import type { Message } from "../flow/message";
import { mayPark } from "../flow/parking";
import type { Plan, Stage } from "../flow/plan";
import { SearchableReader } from "../flow/searchable";
import type { Cause } from "../flow/verdict";
import { sleep } from "./backoff";
import { CallGate } from "./call-gate";
import { Flight, type Resent } from "./flight";
import { countersOf, type NodeCounters } from "./node-counters";
import { toCause } from "./node-failure";
import type { Parking } from "./parking";
import { Sampler } from "./sampler";
import { Slice } from "./slice";
import { SpareTime } from "./spare-time";
import { enterTraces } from "./trace";

/** A step or sink of a running version. */
export interface RunningStage {
  readonly index: number;
  /** Of the stage: its node, or `node.input`. */
  readonly node: string;
  readonly drawn: Stage["drawn"];
  readonly retry: Retry;
  readonly errorWired: boolean;
  /** A message that fails here may wait so long that it is parked. */
  readonly mayPark: boolean;
  readonly targets: Readonly<Record<string, readonly number[]>>;
  /** It answers whoever waits for a message. */
  readonly responds: boolean;
  /** Nothing follows it: what leaves it has gone its whole way. */
  readonly isLast: boolean;
  /** Stages that lead to it; sources are not stages here. */
  readonly upstream: readonly number[];
  /** The flights of a lane come here one after another; not behind calls that keep no order. */
  readonly isOrdered: boolean;
  readonly counters: NodeCounters;
  /** Of a synchronous step. */
  readonly slice: Slice;
  readonly work:
    | { readonly role: "sync" | "async"; readonly step: OpenStep }
    | { readonly role: "call"; readonly gate: CallGate }
    | { readonly role: "sink"; readonly sink: OpenSink };
}

/** A version of a flow, as a pipeline is made from it. */
export interface PipelineVersion {
  readonly flowId: string;
  readonly flow: string;
  readonly environment: string;
  readonly version: number;
  readonly trace: NonNullable<NonNullable<FlowDocument["settings"]>["trace"]> | undefined;
  /** Conditions under which runs are kept for a time, as people ask for it now. */
  readonly asked?: () => readonly Expression[];
  /** Fields by which its runs are found; absent: the plain fields of its bodies. */
  readonly searchable?: FlowSettings["searchable"];
  readonly masked?: FlowSettings["masked"];
  readonly delivery: Delivery;
  /** Where dead letters are also written. */
  readonly deadLetters?: FlowSettings["deadLetters"];
  readonly plan: Plan;
}

/** What the worker gives to a node that is opened, for one of its inputs. */
export type ContextOf = (version: PipelineVersion, at: Stage["drawn"], count: NodeContext["count"]) => NodeContext;
export type BehaviourOf = (kind: string) => Behaviour;

/** A node could not be opened: the version cannot run. */
export class NodeOpenError extends Error {
  override readonly name = "NodeOpenError";
  constructor(
    readonly node: string,
    readonly reason: Cause,
  ) {
    super(reason.message);
  }
}

/** How much of a lane may be on its way at once. */
export interface Window {
  readonly flights: number;
  readonly messages: number;
  /** Messages of one flight, at most: what is called again when a flight is cut in the middle. */
  readonly batch: number;
  /** Bytes of one flight: it takes no more once it has them. */
  readonly bytes: number;
  /** Messages of one flight where each is settled by itself, at most: it waits for those that it goes with. */
  readonly together: number;
}

const usualMessages = 500;
/**
 * Where a lane has one flight at a time, in a busy worker: what each costs by itself, requests to brokers above all, is shared by more. Then
 * so many messages are to reach the node that waits for the most of them: where few pass, more enter.
 */
const loneMessages = 1_000;
const mostMessages = 5_000;
/** Where each message becomes many, fewer enter. */
const leastMessages = 150;
const usualBytes = 500_000;
const spareTime = new SpareTime();
/** A transaction costs several round trips: it takes more messages than a flight otherwise would. */
const transactionWindow: Window = { flights: 1, messages: 5_000, batch: 5_000, bytes: 2_000_000, together: 1 };
/** Calls wait long, and each for itself. */
const callsWindow: Window = { flights: 256, messages: 2_000, batch: 50, bytes: usualBytes, together: 1 };
/** After this long a flight of which nothing comes forward is cut, so that a new version can mend what the old one waits for. */
const holdPatienceMs = 1_000;
/** After this long a flight is cut whatever it does. */
const workPatienceMs = 20_000;

/** A version running in this worker: its nodes, opened, and the flights that are on their way through them. */
export class Pipeline {
  readonly stages: readonly RunningStage[];
  /** Steps that want to hear when their messages are safe. */
  readonly confirming: readonly RunningStage[];
  /** Counters of every stage, of sources too, and of the nodes that hold or stand inside a saga. */
  readonly counters: ReadonlyMap<string, NodeCounters>;
  readonly sources: readonly Stage[];
  readonly sampler: Sampler;
  /** Reads what runs are found by. */
  readonly searchables: SearchableReader;
  readonly #entries: ReadonlyMap<string, readonly number[]>;
  /** Where each port of a node that holds leads. */
  readonly #exits: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #flights = new Set<Flight>();
  readonly #hasCalls: boolean;
  /** Messages that reached the node that waits for the most of them, for each that entered lately. */
  #waited = 1;

  private constructor(
    readonly version: PipelineVersion,
    stages: RunningStage[],
    sources: Stage[],
    counters: Map<string, NodeCounters>,
    /** Messages that wait long; absent where they hold their lane instead. */
    readonly parking: Parking | undefined,
  ) {
    this.stages = stages;
    this.confirming = stages.filter(({ work }) => work.role === "async" && work.step.confirm);
    this.sources = sources;
    this.counters = counters;
    this.sampler = new Sampler(version.trace, version.asked);
    this.searchables = new SearchableReader(version.searchable, version.masked);
    this.#hasCalls = stages.some((stage) => stage.work.role === "call");
    this.#indexes = new Map(stages.map((stage) => [stage.node, stage.index]));
    const entries = sources.map((source) => [source.node, findIndexes(source.targets.out, this.#indexes)] as const);
    this.#entries = new Map(entries);
    const exits = Object.entries(version.plan.exits).map(([node, ports]) => {
      const targets = Object.entries(ports).map(([port, to]) => [port, findIndexes(to, this.#indexes)] as const);
      return [node, new Map(targets)] as const;
    });
    this.#exits = new Map(exits);
  }

  /** Opens every step and sink; what was opened is closed again when one fails. @throws NodeOpenError */
  static async open(
    version: PipelineVersion,
    behaviourOf: BehaviourOf,
    contextOf: ContextOf,
    parking?: Parking,
    shared?: (node: string) => NodeCounters | undefined,
  ): Promise<Pipeline> {
    const all = version.plan.segments.flatMap((segment) => segment.stages);
    const sources = all.filter((stage) => stage.role === "source");
    const inner = all.filter((stage) => stage.role !== "source");
    const indexes = new Map(inner.map((stage, index) => [stage.node, index]));
    const counters = countersOf(version.plan, shared);
    const stages: RunningStage[] = [];
    for (const [index, stage] of inner.entries()) {
      try {
        const upstream = findUpstream(stage.node, inner, indexes);
        stages.push({
          index,
          node: stage.node,
          drawn: stage.drawn,
          retry: stage.retry,
          errorWired: stage.errorWired,
          responds: stage.responds === true,
          mayPark: parking !== undefined && mayPark(stage.retry),
          targets: Object.fromEntries(
            Object.entries(stage.targets).map(([port, nodes]) => [port, findIndexes(nodes, indexes)]),
          ),
          isLast: Object.entries(stage.targets).every(([port, nodes]) => port === "error" || nodes.length === 0),
          upstream,
          isOrdered: upstream.every((before) => stages[before]!.isOrdered && keepsOrder(stages[before]!)),
          counters: counters.get(stage.node)!,
          slice: new Slice(),
          work: openWork(
            behaviourOf(stage.kind),
            stage,
            contextOf(version, stage.drawn, (what) => counters.get(stage.node)!.note(what)),
          ),
        });
        const { work, counters: own } = stages.at(-1)!;
        if (parking) own.parked = () => parking.countOf(stage.node);
        if (work.role === "call") own.gate ??= work.gate;
      } catch (error) {
        await closeAll(stages);
        throw new NodeOpenError(stage.drawn.node, toCause(error));
      }
    }
    return new Pipeline(version, stages, sources, counters, parking);
  }

  /**
   * How much of a lane may be on its way at once: calls wait long and are many, all else as the worker has time to spare. Of messages of
   * which no more come than are `inHand`, several flights would only be smaller ones.
   */
  window(inHand = Number.POSITIVE_INFINITY): Window {
    if (this.version.delivery === "exactly-once") return transactionWindow;
    if (this.#hasCalls) return callsWindow;
    const flights = inHand > usualMessages ? spareTime.flights : 1;
    const usual = { flights, bytes: usualBytes, together: usualMessages };
    const fitting = Math.min(mostMessages, Math.max(leastMessages, Math.round(loneMessages / this.#waited)));
    if (flights > 1) {
      const batch = Math.min(usualMessages, fitting);
      return { ...usual, messages: flights * batch, batch };
    }
    return { ...usual, messages: fitting, batch: fitting, bytes: usualBytes * Math.max(1, fitting / loneMessages) };
  }

  /** May any of its messages be parked? */
  get mayPark(): boolean {
    return this.stages.some((stage) => stage.mayPark);
  }

  has(node: string): boolean {
    return this.#indexes.has(node) || this.#entries.has(node);
  }

  /** Sends messages of a source on their way. */
  begin(source: string, messages: readonly Message[]): Flight {
    const counters = this.counters.get(source);
    if (counters) {
      counters.in += messages.length;
      counters.count("out", messages.length);
    }
    return this.#launch(source, messages, this.#entries.get(source) ?? []);
  }

  /** Sends a dead letter on its way again, from its node, or from behind its source when `node` is one; `null`: nowhere. */
  beginAgain(node: string | null, message: Message, resent: Resent): Flight {
    const index = node === null ? undefined : this.#indexes.get(node);
    const entries = index === undefined ? (this.#entries.get(node ?? "") ?? []) : [index];
    return this.#launch(message.meta.source, [message], entries, resent);
  }

  /** Can anything be held in this version? */
  get mayHold(): boolean {
    return this.#exits.size > 0 || this.version.plan.sagas.length > 0;
  }

  /** Does this node hold messages back in this version? */
  holds(node: string): boolean {
    return this.#exits.has(node);
  }

  /** Sends a message that was held on its way, behind its node. */
  beginBehind(exit: NonNullable<Resent["exit"]>, message: Message, resent: Omit<Resent, "as" | "exit">): Flight {
    this.counters.get(exit.node)?.count(exit.port);
    const entries = this.#exits.get(exit.node)?.get(exit.port) ?? [];
    return this.#launch(message.meta.source, [message], entries, { ...resent, as: "held", exit });
  }

  /** Does the source lead to anything that answers who waits? */
  responds(source: string): boolean {
    const seen = new Set(this.#entries.get(source) ?? []);
    // A Set hands out what is added while it is walked.
    for (const index of seen) for (const to of Object.values(this.stages[index]!.targets).flat()) seen.add(to);
    return [...seen].some((index) => this.stages[index]!.responds);
  }

  isSource(node: string): boolean {
    return this.#entries.has(node);
  }

  end(flight: Flight): void {
    flight.end();
    this.#waited = mostWaiting(flight) / flight.origins.length;
    this.#flights.delete(flight);
  }

  /**
   * Ends what is on its way now: held messages soon, working ones later, all at `deadlineMs`. Cut flights go back to their lanes. What begins
   * meanwhile, as older sagas say something, goes on.
   */
  async drain(deadlineMs = workPatienceMs): Promise<void> {
    const startedAt = performance.now();
    const ending = [...this.#flights];
    for (;;) {
      const open = ending.filter((flight) => this.#flights.has(flight));
      if (open.length === 0) return;
      const waitedMs = performance.now() - startedAt;
      for (const flight of open) {
        if (waitedMs >= deadlineMs || Math.min(waitedMs, flight.heldForMs) >= Math.min(holdPatienceMs, deadlineMs))
          flight.cut();
      }
      await sleep(waitedMs < 50 ? 2 : 25);
    }
  }

  /** Closes the nodes. Only after `drain`. */
  close(): Promise<void> {
    return closeAll(this.stages);
  }

  #launch(source: string, messages: readonly Message[], entries: readonly number[], resent?: Resent): Flight {
    const flight = new Flight(this, source, messages, enterTraces(messages, this.sampler), entries, resent);
    this.#flights.add(flight);
    return flight;
  }
}

function openWork(behaviour: Behaviour, stage: Stage, context: NodeContext): RunningStage["work"] {
  const config = stage.config as never;
  if (behaviour.role === "step" && behaviour.mode === "call") {
    if (!stage.calls) throw new Error(`The kind ${stage.kind} does not say how it calls.`);
    return { role: "call", gate: new CallGate(behaviour.open(config, context), stage.calls) };
  }
  if (behaviour.role === "step") return { role: behaviour.mode, step: behaviour.open(config, context) };
  if (behaviour.role === "sink") return { role: "sink", sink: behaviour.open(config, context) };
  throw new Error(`The kind ${stage.kind} is a source and cannot stand inside a flow.`);
}

/** Messages of a flight that came to the node, of those that wait for something, to which the most came. */
function mostWaiting({ work, pipeline }: Flight): number {
  let most = 0;
  for (const { index, work: does } of pipeline.stages) {
    if (does.role !== "sync") most = Math.max(most, work[index]?.items.messages.length ?? 0);
  }
  return most;
}

function findIndexes(nodes: readonly string[] | undefined, indexes: ReadonlyMap<string, number>): number[] {
  return (nodes ?? []).flatMap((node) => indexes.get(node) ?? []);
}

function keepsOrder({ work }: RunningStage): boolean {
  return work.role !== "call" || work.gate.keepsOrder;
}

function findUpstream(node: string, stages: readonly Stage[], indexes: ReadonlyMap<string, number>): number[] {
  return stages
    .filter((stage) => Object.values(stage.targets).some((nodes) => nodes.includes(node)))
    .map((stage) => indexes.get(stage.node)!);
}

async function closeAll(stages: readonly RunningStage[]): Promise<void> {
  await Promise.allSettled(
    stages.map(async ({ work }) => {
      if (work.role === "sink") return work.sink.close?.();
      return work.role === "call" ? work.gate.close() : work.step.close?.();
    }),
  );
}
