import type {
  Behaviour,
  CallBehaviour,
  NodeContext,
  OpenSource,
  Outcome,
  SinkBehaviour,
  SourceBehaviour,
  SourceHandlers,
  StepBehaviour,
} from "../flow/behaviour";
import { jsonCodec } from "../flow/codecs/json";
import { defaultRetry, type Retry } from "../flow/document";
import type { CallPolicy } from "../flow/kind";
import { Message } from "../flow/message";
import type { Plan, Stage } from "../flow/plan";
import { noHolding } from "../flow/testing/holding";
import { MemoryReceivedKeys } from "../flow/testing/received-keys";
import { done, type StepResult, type Verdict } from "../flow/verdict";
import type { DeadLetter } from "./dead-letter";
import { Delivery } from "./delivery";
import type { Flight } from "./flight";
import { createLog } from "./log";
import type { Parking } from "./parking";
import { Pipeline, type PipelineVersion } from "./pipeline";
import type { SourceHostOptions } from "./source-host";

/** In-memory ports for the tests of the engine: real lanes, flights and delivery, with nodes that are a function each. */
export const silent = createLog({}, "silent");

export interface TestNode {
  /** A step with its function, or a sink with its own; neither = a source. */
  readonly step?: (message: Message, attempt: number) => StepResult | Promise<StepResult>;
  readonly sink?: (messages: readonly Message[], signal: AbortSignal) => Promise<Verdict[]>;
  readonly mode?: "sync" | "async" | "call";
  readonly calls?: Partial<CallPolicy>;
  readonly confirm?: (messages: readonly Message[]) => Promise<void>;
  readonly targets?: Record<string, string[]>;
  readonly retry?: Partial<Retry>;
  readonly close?: () => void;
  /** Where it leads, by port, what it held. */
  readonly exits?: Record<string, string[]>;
}

export const fastRetry: Retry = { ...defaultRetry, delayMs: 1, maxDelayMs: 2 };

const calmCalls: CallPolicy = { concurrency: 8, order: "key", timeoutMs: 5_000 };

/** A plan of these nodes, in this order. */
export function makePlan(nodes: Record<string, TestNode>): Plan {
  const stages = Object.entries(nodes).map(([node, { step, sink, targets = {}, retry, mode, calls }]): Stage => {
    const role = step ? "step" : sink ? "sink" : "source";
    const errorWired = (targets.error ?? []).length > 0;
    const stage = {
      node,
      drawn: { node, input: "in" },
      kind: node,
      role,
      config: {},
      retry: { ...fastRetry, ...retry },
      targets,
      errorWired,
    } as const;
    return mode === "call" ? { ...stage, calls: { ...calmCalls, ...calls } } : stage;
  });
  const sources = stages.filter((stage) => stage.role === "source").map((stage) => stage.node);
  const exits = Object.fromEntries(
    Object.entries(nodes).flatMap(([node, { exits }]) => (exits ? [[node, exits]] : [])),
  );
  return { segments: [{ id: "main", sources, stages }], exits, sagas: [] };
}

function makeBehaviour({ step, sink, mode = "sync", close, confirm }: TestNode): Behaviour {
  const closing = { ...(close ? { close } : {}), ...(confirm ? { confirm } : {}) };
  if (sink) {
    const behaviour: SinkBehaviour<never> = {
      role: "sink",
      open: () => ({ write: (batch, { signal }) => sink(batch, signal), ...closing }),
    };
    return behaviour;
  }
  if (!step) throw new Error("A source has no behaviour here.");
  if (mode === "call") {
    const behaviour: CallBehaviour<never> = {
      role: "step",
      mode,
      open: () => ({ call: async (message, { attempt }) => step(message, attempt), ...closing }),
    };
    return behaviour;
  }
  const behaviour: StepBehaviour<never> = {
    role: "step",
    mode,
    open: () => ({
      process: (batch, { attempt }) => {
        const results = batch.map((message) => step(message, attempt));
        return mode === "sync" ? (results as StepResult[]) : Promise.all(results);
      },
      ...closing,
    }),
  };
  return behaviour;
}

export function openPipeline(
  nodes: Record<string, TestNode>,
  version = 1,
  trace?: PipelineVersion["trace"],
  parking?: Parking,
  settings: Pick<PipelineVersion, "searchable" | "masked"> = {},
): Promise<Pipeline> {
  return Pipeline.open(
    {
      flowId: "flow-1",
      flow: "test",
      environment: "default",
      version,
      trace,
      ...settings,
      delivery: "at-least-once",
      plan: makePlan(nodes),
    },
    (kind) => makeBehaviour(nodes[kind]!),
    (_, { node, input }) => makeContext(node, input),
    parking,
  );
}

export function makeContext(node: string, input = "in"): NodeContext {
  const connection = () => {
    throw new Error("There are no connections here.");
  };
  const receivedKeys = new MemoryReceivedKeys().worker();
  return {
    flow: "test",
    groupName: "test",
    environment: "default",
    version: 1,
    node,
    input,
    connection,
    receivedKeys,
    holding: noHolding,
    reply: async () => ({ is: "unasked" }),
    count: () => {},
    log: () => {},
    now: Date.now,
  };
}

export interface TestDelivery {
  readonly delivery: Delivery;
  readonly letters: DeadLetter[];
  readonly flights: Flight[];
  /** Set to make the store unreachable. */
  storeAway: boolean;
}

export function openDelivery(): TestDelivery {
  const letters: DeadLetter[] = [];
  const flights: Flight[] = [];
  const store = {
    async keep(more: readonly DeadLetter[]) {
      if (test.storeAway) throw new Error("away");
      letters.push(...more);
    },
  };
  const delivery = new Delivery(store, { observe: (flight) => flights.push(flight) }, silent);
  const test: TestDelivery = { delivery, letters, flights, storeAway: false };
  return test;
}

export function makeMessage(body: unknown, position = "0", lane = "lane"): Message {
  return Message.fromBody(
    {
      key: null,
      headers: [],
      codec: jsonCodec,
      meta: { source: "in", lane, position, timestamp: 1_700_000_000_000, attempt: 1 },
    },
    body,
  );
}

/** Messages with the bodies and positions `from` to `from + count - 1`. */
export function makeMessages(count: number, from = 0, lane = "lane"): Message[] {
  return Array.from({ length: count }, (_, index) => makeMessage(from + index, String(from + index), lane));
}

/** A sink that keeps the bodies that it was given. */
export function collect(into: unknown[]): NonNullable<TestNode["sink"]> {
  return async (messages) => {
    for (const message of messages) into.push(message.body);
    return messages.map(() => done);
  };
}

/** A step that hands everything on by one port. */
export function pass(port = "out"): NonNullable<TestNode["step"]> {
  return (message) => ({ emit: [{ port, message }] });
}

export interface TestSource {
  readonly behaviour: SourceBehaviour<never>;
  readonly settled: { lane: string; epoch: number; position: string; outcome: Outcome }[];
  readonly released: string[];
  readonly stopped: () => boolean;
  handlers: SourceHandlers;
}

/** A source whose hands the test holds. */
export function openTestSource(settles: "contiguous" | "individual"): TestSource {
  let stopped = false;
  const source: OpenSource = {
    settle: (lane, epoch, position, outcome) => test.settled.push({ lane, epoch, position, outcome }),
    release: (_lane, _epoch, position) => test.released.push(position),
    progress: async () => [],
    stop: async () => {
      stopped = true;
    },
  };
  const test: TestSource = {
    behaviour: {
      role: "source",
      settles,
      identity: () => "same",
      open: async (_config, _context, handlers) => {
        test.handlers = handlers;
        return source;
      },
    },
    settled: [],
    released: [],
    stopped: () => stopped,
    handlers: undefined as unknown as SourceHandlers,
  };
  return test;
}

/** What a host is made of around a source; `pipeline` is asked each time, as another may take over. */
export function makeHostOptions(
  behaviour: SourceHostOptions["behaviour"],
  pipeline: () => Pipeline,
  delivery: Delivery,
  changes: Partial<SourceHostOptions> = {},
): SourceHostOptions {
  return {
    node: "in",
    behaviour,
    config: {},
    groupId: "group",
    worker: "w-1",
    start: { from: "kind" },
    delivery: "at-least-once",
    context: () => makeContext("in"),
    begin: (messages) => pipeline().begin("in", messages),
    window: () => pipeline().window(),
    deliver: (flight) => delivery.deliver(flight),
    onStatus: () => {},
    log: silent,
    ...changes,
  };
}

export async function eventually(condition: () => boolean, withinMs = 5_000): Promise<void> {
  const until = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > until) throw new Error("It did not happen in time.");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
