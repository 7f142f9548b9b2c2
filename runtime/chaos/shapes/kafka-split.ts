import { flowFormat } from "../../../flow/document";
import { KafkaInput } from "../kafka-input";
import { keyOf, makeBody, readArrived } from "../numbered";
import { readCommitted, readTopic } from "../read-back";
import type { Shape } from "../shape";

const items = 3;

/** Kafka → split → Kafka: three messages of each. */
export const kafkaSplit: Shape = {
  name: "kafka-split",
  title: "Kafka → split → Kafka",
  semantics: ["at-least-once", "exactly-once"],
  stands: ["kafka"],
  async open({ house, name, semantics }) {
    const { outsider, kafka } = house;
    const input = await KafkaInput.open(house, name, { perSecond: 1_000, fillAtMost: 10_000 }, (n) => ({
      ...makeBody(n),
      lines: Array.from({ length: items }, (_, line) => ({ n, line })),
    }));
    const out = `${name}.out`;
    await outsider.create(out);
    return {
      flow: {
        format: flowFormat,
        name,
        settings: { trace: { perSecond: 5 }, ...(semantics === "exactly-once" ? { delivery: semantics } : {}) },
        nodes: [
          { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: input.topic, start: "earliest" } },
          { id: "lines", kind: "split", config: { items: "body.lines" } },
          { id: "topic", kind: "kafka-sink", config: { connection: "kafka", topic: out } },
        ],
        edges: [
          { from: "in", to: "lines" },
          { from: "lines", to: "topic" },
        ],
      },
      fill: (count) => input.fill(count),
      startFeed: () => input.start(),
      countSent: () => input.sent,
      endFeed: () => input.end(),
      isSettled: () => input.isSettled(),
      countSettled: () => input.countSettled(),
      countArrived: () => outsider.count(out),
      async readBooks() {
        const sent = await input.readSent();
        const records = await (semantics === "exactly-once" ? readCommitted : readTopic)(kafka.brokers, out);
        return [
          {
            sink: "topic",
            wanted: sent.flatMap(([n, atMost]) =>
              Array.from({ length: items }, (_, line) => ({ id: `${n}/${line}`, key: keyOf(n), atMost })),
            ),
            arrived: readArrived(records, ({ n, line }: { n: number; line: number }) => `${n}/${line}`),
            ordered: true,
            perMessage: items,
          },
        ];
      },
      close: async () => {},
    };
  },
};
