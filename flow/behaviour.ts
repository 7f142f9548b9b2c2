import type { ConnectionPorts } from "./connection-ports";
import type { HoldingPort } from "./holding";
import type { Message } from "./message";
import type { ReceivedKeys } from "./received-keys";
import type { Answer, ReplyEnd } from "./request-reply";
import type { Cause, StepResult, Verdict } from "./verdict";

/**
 * The behaviour of a kind: what the worker loads (see `behaviours.ts`), pure over the ports it is given.
 * The canvas never reaches these files.
 */
export type Behaviour<Config = never> =
  | StepBehaviour<Config>
  | CallBehaviour<Config>
  | SinkBehaviour<Config>
  | SourceBehaviour<Config>;

/** What a node gets from the worker when it is opened. */
export interface NodeContext {
  readonly flow: string;
  /** The flow's name when it was first deployed: stays through a rename, and is never another flow's. Ids that outlive a run are made of it. */
  readonly groupName: string;
  readonly environment: string;
  readonly version: number;
  /** Id of the node. */
  readonly node: string;
  /** The input at which it gets its messages; `in`, unless the node has more than one and this is another. */
  readonly input: string;
  /** The port of a named connection, typed by its kind. @throws Failure-carrying ConnectionError when it does not exist or is of another kind. */
  connection<K extends keyof ConnectionPorts>(kind: K, name: string): ConnectionPorts[K];
  /** What receivers know of the messages that came. */
  readonly receivedKeys: ReceivedKeys;
  /** Where nodes that hold messages back put them. */
  readonly holding: HoldingPort;
  /** Answers whoever waits for what came from a source of the flow. Never rejects. */
  reply(message: Message, answer: Answer, signal: AbortSignal): Promise<ReplyEnd>;
  /** Counts something that is neither a message nor a failure, by its name, to be seen beside the node's other counts. */
  count(what: string): void;
  /** Structured log, no payloads. */
  log(level: "info" | "warn", message: string, fields?: Record<string, string | number | boolean>): void;
  now(): number;
}

export interface BatchContext {
  readonly signal: AbortSignal;
  /** Attempt of this batch at this node, from 1. */
  readonly attempt: number;
  /**
   * The way of the message at this place of the batch through splits and several wires, `.1.0`: tells apart what was made of one source
   * message, and is the same again when that is worked again. A call has one message, at 0.
   */
  partOf?(index: number): string;
  /** The message at this place of the batch as it came from its source; absent when no step has changed it. For what holds it back. */
  originalOf?(index: number): Pick<Message, "key" | "value" | "headers"> | undefined;
  /** `traceparent` of the run of the message at this place of the batch, for a call that carries it. */
  traceOf?(index: number): string;
  /** The transaction of the batch's lane, in a flow that is exactly once: sinks pass it on to their port. */
  readonly transaction?: Transaction;
}

/** A transaction of one lane: what is written in it and the lane's position become visible together, or not at all. */
export interface Transaction {
  /** Commits, with everything of the lane up to and including `position`. @throws when it did not commit; nothing of it is visible then. */
  commit(position: string): Promise<void>;
  /** Takes back what was written. Never rejects. */
  abort(): Promise<void>;
}

/** A step: filter, switch, split, map. Results stand in the order of the batch, one per message. */
export interface StepBehaviour<Config> {
  readonly role: "step";
  /** Synchronous steps run in one loop without a promise per message; asynchronous ones answer for a whole batch. */
  readonly mode: "sync" | "async";
  /** @throws Error for a config that cannot run (all that `check` knows was already refused). */
  open(config: Config, context: NodeContext): OpenStep;
}

export interface OpenStep {
  process(batch: readonly Message[], context: BatchContext): StepResult[] | Promise<StepResult[]>;
  /**
   * Called with messages that `process` was given (the same objects), once everything that was made of them is safe, written or kept
   * as a dead letter, and before their positions are settled. Rejects when it could not be written down: it is to be called again.
   */
  confirm?(batch: readonly Message[]): Promise<void>;
  close?(): Promise<void> | void;
}

/**
 * A step that calls out, one message at a time. The engine decides how many calls are under way at once, in which order, how fast,
 * and when to stop calling (`Kind.calls`).
 */
export interface CallBehaviour<Config> {
  readonly role: "step";
  readonly mode: "call";
  open(config: Config, context: NodeContext): OpenCall;
}

export interface OpenCall {
  /** Rejects only for defects; a failure is a verdict. */
  call(message: Message, context: BatchContext): Promise<StepResult>;
  close?(): Promise<void> | void;
}

/** A sink: writes the batch and answers per message, in the order of the batch. Never rejects; a failure is a verdict. */
export interface SinkBehaviour<Config> {
  readonly role: "sink";
  open(config: Config, context: NodeContext): OpenSink;
}

export interface OpenSink {
  write(batch: readonly Message[], context: BatchContext): Promise<Verdict[]>;
  close?(): Promise<void> | void;
}

/** How a source settles. */
export type Settling = "contiguous" | "individual";

/**
 * A source declares how it settles: `contiguous` (Kafka: everything up to a position) or `individual` (BullMQ, webhook: each position).
 */
export interface SourceBehaviour<Config> {
  readonly role: "source";
  /** A function where the config decides. */
  readonly settles: Settling | ((config: Config) => Settling);
  /** Must run once over all workers: the engine holds a lease in Postgres before it opens it. */
  readonly once?: boolean;
  /** Messages that its broker hands out before any of them is settled; absent: as many as are taken. */
  inHand?(config: Config): number;
  /**
   * What must stay equal for the open consumer to be kept when a new version is deployed (connection, topic, group, codec).
   */
  identity(config: Config): string;
  open(config: Config, context: SourceContext, handlers: SourceHandlers): Promise<OpenSource>;
}

export interface SourceContext extends NodeContext {
  /** Consumer group of this source, fixed at the first deploy, with its generation. */
  readonly groupId: string;
  /** Names this worker among all that there ever were: a worker that starts anew has another name. */
  readonly worker: string;
  /** Where to begin when the group has no position yet. */
  readonly start: StartingPlace;
  /** `exactly-once`: the source works its lanes with `transact`, and does not write down positions by itself. */
  readonly delivery: Delivery;
  /** Counter of a run-once source, as stored with its lease; `0n` at first. */
  readonly counter: bigint;
  readonly signal: AbortSignal;
  /** Does the source lead to anything that answers, in the version that runs? */
  responds(): boolean;
}

/** What a flow asks for in its settings. */
export type Delivery = "at-least-once" | "exactly-once";

/** Where a source without a stored position begins; `kind` = as the node's own config says. */
export type StartingPlace =
  | { readonly from: "kind" | "earliest" | "latest" }
  | { readonly from: "time"; readonly at: number };

export interface SourceHandlers {
  /** A lane is ours from now on, under this epoch (greater than any earlier one of the lane). */
  assigned(lane: string, epoch: number): void;
  /**
   * Hands over messages of one lane, in order. Resolves when the engine has room for more (back pressure): await it before the next.
   * Rejects never; after `revoked` or `stop` the messages are ignored.
   */
  deliver(lane: string, epoch: number, messages: readonly Message[]): Promise<void>;
  /** The lane is no longer ours: resolves when nothing of it is being processed any more. */
  revoked(lane: string, epoch: number): Promise<void>;
  /** How the source itself fares: `degraded` with a cause keeps trying; `running` when it is well again. */
  state(
    state:
      | { readonly is: "running" }
      | { readonly is: "degraded" | "halted"; readonly cause: Cause; readonly lane?: string },
  ): void;
}

/** How a message ended. `dead` = kept in the dead letters; for the source both are safe. */
export type Outcome = "done" | "dead" | "dropped";

export interface LaneProgress {
  readonly lane: string;
  /** Messages waiting behind the settled position; `null` when the broker did not say. */
  readonly lag: number | null;
  /** Settled position. */
  readonly position: string | null;
  /** It has brought all that it ever will. */
  readonly ended?: true;
}

export interface OpenSource {
  /**
   * Contiguous: everything of the lane up to and including `position` is safe. Individual: this position is safe.
   * A settle under an older epoch is ignored.
   */
  settle(lane: string, epoch: number, position: string, outcome: Outcome): void;
  /** Answers whoever waits for a message of this source. Never rejects. Absent: nobody ever does. */
  reply?(message: Message, answer: Answer, signal: AbortSignal): Promise<ReplyEnd>;
  /** Hands the message back to its broker without settling it (individual sources, at a stop); contiguous sources need not have it. */
  release?(lane: string, epoch: number, position: string): void;
  progress(): Promise<LaneProgress[]>;
  /** The call to its broker that has waited longest for an answer, in words that begin a sentence (`A fetch to 127.0.0.1:9092`). */
  waiting?(): { readonly what: string; readonly since: number } | undefined;
  /** Begins a transaction of a lane; one at a time per lane. Only sources that can be exactly once have it. @throws when it cannot be begun yet */
  transact?(lane: string, epoch: number): Promise<Transaction>;
  /** Stops handing over, writes down what was settled, leaves. Everything delivered was settled or released before this is called. */
  stop(): Promise<void>;
  /** Webhook sources: is this request for this source? Set by the webhook kind only. */
  readonly accept?: (request: WebhookRequest) => Promise<WebhookAnswer> | undefined;
}

export interface WebhookRequest {
  readonly method: string;
  /** Path under `/in/`, without it: `orders/new`. */
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}
