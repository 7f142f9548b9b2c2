import type { FlowDocument } from "../flow/document";
import type { Hand, Loop } from "./by-hand/hand";
import type { Shape } from "./shapes";

/** Where a side reads and writes in a round: names of topics or queues, or the path that requests go to. */
export interface Places {
  readonly input: string;
  /** Where there are several: all of them. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Brokers other than Kafka whose messages pass one by one, each in its own kind of place. */
export type Broker = "rabbitmq" | "redis-stream" | "pulsar";

/** What waits for a side, or comes while it works. */
export type Input =
  /** A topic that is full before the side starts; each side reads it from its beginning. */
  | { readonly from: "topic"; readonly shape: Shape; readonly partitions?: number; readonly messages?: number }
  /** A BullMQ queue, filled anew for each round. */
  | { readonly from: "queue"; readonly shape: Shape }
  /** Durable RabbitMQ queues, Redis streams or Pulsar topics, filled anew for each round; `perSecond` over all of them. */
  | { readonly from: Broker; readonly shape: Shape; readonly perSecond: number; readonly places?: number }
  /** HTTP requests, each sent when the one before it is answered, over so many connections. */
  | { readonly from: "requests"; readonly shape: Shape; readonly connections: number }
  /** An even pace of messages into an empty topic, or such a place of another broker, each carrying the time at which it was sent. */
  | { readonly from: "pace"; readonly perSecond: number; readonly over?: Broker }
  /** The side makes them itself. */
  | { readonly from: "itself" };

export type Output =
  | { readonly to: "topics"; readonly count: number; readonly partitions?: number; readonly transactional?: boolean }
  | { readonly to: "queue" | Broker; readonly places?: number };

interface AnySide {
  readonly name: string;
  readonly label: string;
  /** Where a side differs from its case. */
  readonly input?: Input;
  readonly output?: Output;
  readonly readers?: number;
  /** Of a round, when it is to be longer than the others. */
  readonly seconds?: number;
}

/** Flows as they are drawn and deployed, in worker processes as they ship. */
export interface FlowSide extends AnySide {
  readonly by: "flow";
  readonly workers?: number;
  flows(at: Places): FlowDocument[];
}

/** The same work, written by hand on the same client, in a process of its own. */
export interface HandSide extends AnySide {
  readonly by: "hand";
  /** `stock`: kafkajs as it is published. `seam`: kafkajs with Millrace's own producer and reader in it. `none`: no Kafka. */
  readonly client: "stock" | "seam" | "none";
  readonly run: Loop;
}

/** The same flow in Node-RED. */
export interface PeerSide extends AnySide {
  readonly by: "node-red";
}

/** A probe that reads what it writes, with nothing between: what the measuring itself takes. */
export interface NothingSide extends AnySide {
  readonly by: "nothing";
}

export type Side = FlowSide | HandSide | PeerSide | NothingSide;

/** One comparison: its sides take turns, round by round. Data and pure functions only: by-hand processes load it too. */
export interface Case {
  readonly title: string;
  /** What happens to a message, in a sentence or two. */
  readonly about: string;
  readonly input: Input;
  readonly output: Output;
  /** Messages that leave for each one that is read. */
  readonly perMessage: number;
  /** How many read each message, each for itself. Default 1. */
  readonly readers?: number;
  readonly sides: readonly Side[];
  /** Three rounds each at most, one side after another: so many processes at rest would take their share of the machine. */
  readonly manySides?: true;
  /** Seconds of work that are not measured, after every output has something: what begins all at once is not steady yet. Default 0. */
  readonly settleSeconds?: number;
}

type Node = FlowDocument["nodes"][number];

/** A flow with the settings that a new one has. Its name is given when it is deployed. */
export function drawFlow(
  nodes: readonly Node[],
  edges: readonly (readonly [from: string, to: string])[],
  settings?: FlowDocument["settings"],
): FlowDocument {
  return {
    format: "millrace/flow@1",
    name: "drawn",
    ...(settings ? { settings } : {}),
    nodes: [...nodes],
    edges: edges.map(([from, to]) => ({ from, to })),
  };
}

export const kafkaSource = (topic: string): Node => ({
  id: "in",
  kind: "kafka-source",
  config: { connection: "kafka", topic, start: "earliest" },
});

export const kafkaSink = (topic: string, id = "out"): Node => ({
  id,
  kind: "kafka-sink",
  config: { connection: "kafka", topic },
});

const placeFields = {
  rabbitmq: ["rabbitmq", "queue"],
  "redis-stream": ["redis", "stream"],
  pulsar: ["pulsar", "topic"],
} as const satisfies Record<Broker, readonly [connection: string, field: string]>;

function brokerNode(id: string, role: "source" | "sink", broker: Broker, place: string, more: object = {}): Node {
  const [connection, field] = placeFields[broker];
  return { id, kind: `${broker}-${role}`, config: { connection, [field]: place, ...more } };
}

/** Reads a place of another broker; `more` of its config. */
export const brokerSource = (broker: Broker, place: string, more?: object): Node =>
  brokerNode("in", "source", broker, place, more);

export const brokerSink = (broker: Broker, place: string): Node => brokerNode("out", "sink", broker, place);

/** What is read by the one is written by the other, unchanged. */
export const passOn = (from: Node, to: Node): FlowDocument => drawFlow([from, to], [["in", "out"]]);

/** The three sides of most cases: stock client by hand, the same loop on Millrace's seam, the flow. */
export function threeSides(
  flow: (at: Places) => FlowDocument,
  byHand: (at: Places, hand: Hand) => ReturnType<Loop>,
): Side[] {
  return [
    { by: "hand", name: "stock", label: "by hand, kafkajs", client: "stock", run: byHand },
    { by: "hand", name: "seam", label: "by hand, kafkajs with Millrace's seam", client: "seam", run: byHand },
    { by: "flow", name: "flow", label: "flow", flows: (at) => [flow(at)] },
  ];
}
