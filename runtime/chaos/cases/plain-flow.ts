import { type FlowDocument, flowFormat } from "../../../flow/document";

/** Kafka → filter that lets all pass → Kafka. */
export function makePlainFlow(name: string, from = `${name}.in`, to = `${name}.out`): FlowDocument {
  return {
    format: flowFormat,
    name,
    settings: { trace: { perSecond: 10 } },
    nodes: [
      { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: from, start: "earliest" } },
      { id: "some", kind: "filter", config: { when: "body.n >= 0" } },
      { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: to } },
    ],
    edges: [
      { from: "in", to: "some" },
      { from: "some.pass", to: "out" },
    ],
  };
}
