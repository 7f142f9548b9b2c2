import { type FlowDocument, flowFormat } from "../../../flow/document";
import type { Arrived } from "../books";
import { KafkaInput } from "../kafka-input";
import { readArrived, wantNumbers } from "../numbered";
import { countJobs, readCommitted, readQueue, readTopic } from "../read-back";
import type { SemanticsName, Shape } from "../shape";

/** Kafka → filter → map → switch → Kafka, and BullMQ for the rest; exactly once the rest goes to a second topic. */
export const kafkaRoute: Shape = {
  name: "kafka-route",
  title: "Kafka → filter → map → switch → Kafka and BullMQ (exactly once: two topics)",
  semantics: ["at-least-once", "exactly-once"],
  stands: ["kafka", "redis"],
  async open({ house, name, semantics }) {
    const { outsider, kafka, redis } = house;
    const input = await KafkaInput.open(house, name, { perSecond: 2_000, fillAtMost: 20_000 });
    const [out, rest] = [`${name}.out`, `${name}.rest`];
    const restIsTopic = semantics === "exactly-once";
    await outsider.create(out);
    if (restIsTopic) await outsider.create(rest);
    return {
      flow: makeFlow(name, semantics, input.topic, out, rest),
      fill: (count) => input.fill(count),
      startFeed: () => input.start(),
      countSent: () => input.sent,
      endFeed: () => input.end(),
      isSettled: () => input.isSettled(),
      countSettled: () => input.countSettled(),
      countArrived: async () =>
        (await outsider.count(out)) + (restIsTopic ? await outsider.count(rest) : await countJobs(redis.url, rest)),
      async readBooks() {
        const sent = await input.readSent();
        const want = (goes: (n: number) => boolean) => wantNumbers(sent.filter(([n]) => goes(n)));
        const read = restIsTopic ? readCommitted : readTopic;
        const fromTopic = async (topic: string) => readArrived(await read(kafka.brokers, topic), readId);
        const fromQueue = async (): Promise<Arrived[]> =>
          (await readQueue(redis.url, rest)).map(({ data, key }) => ({
            id: readId(data as { n: number; double: number }),
            key,
            lane: rest,
          }));
        return [
          {
            sink: "topic",
            wanted: want((n) => isPassed(n) && !isRest(n)),
            arrived: await fromTopic(out),
            ordered: true,
            perMessage: 1,
          },
          {
            sink: restIsTopic ? "rest" : "queue",
            wanted: want((n) => isPassed(n) && isRest(n)),
            arrived: await (restIsTopic ? fromTopic(rest) : fromQueue()),
            ordered: true,
            perMessage: 1,
          },
        ];
      },
      close: async () => {},
    };
  },
};

/** Each ninth is dropped, each seventh of the others is the rest: in every partition. */
const isPassed = (n: number) => n % 9 !== 0;
const isRest = (n: number) => n % 7 === 1;

/** The number, when the body is what the flow makes of it. */
function readId({ n, double }: { n: number; double: number }): string {
  return double === n * 2 ? String(n) : `${n} with ${double} for its double`;
}

function makeFlow(name: string, semantics: SemanticsName, from: string, out: string, rest: string): FlowDocument {
  return {
    format: flowFormat,
    name,
    settings: {
      trace: { perSecond: 5 },
      ...(semantics === "exactly-once" ? { delivery: semantics } : {}),
    },
    nodes: [
      { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: from, start: "earliest" } },
      { id: "some", kind: "filter", config: { when: "body.n % 9 != 0" } },
      { id: "double", kind: "map", config: { set: { double: "body.n * 2" } } },
      { id: "route", kind: "switch", config: { cases: [{ port: "most", when: "body.n % 7 != 1" }] } },
      { id: "topic", kind: "kafka-sink", config: { connection: "kafka", topic: out, key: "key" } },
      semantics === "exactly-once"
        ? { id: "rest", kind: "kafka-sink", config: { connection: "kafka", topic: rest, key: "key" } }
        : { id: "rest", kind: "queue-sink", config: { connection: "queue", queue: rest } },
    ],
    edges: [
      { from: "in", to: "some" },
      { from: "some.pass", to: "double" },
      { from: "double", to: "route" },
      { from: "route.most", to: "topic" },
      { from: "route.otherwise", to: "rest" },
    ],
  };
}
