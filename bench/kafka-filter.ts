/**
 * Kafka → filter → Kafka: a deployed flow beside the same loop written by hand with the same client, in one run, on the same broker.
 * Both read JSON, keep every second message, write it with its key, and commit only what is written.
 * Prints messages per second of each round and the ratio of the medians. Needs the services (`npm run bench` starts them).
 */
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { type FlowDocument, flowFormat } from "../flow/document";
import { openRig, type Rig, servicesOfRunner, waitUntil } from "../runtime/system/rig";
import { type Outsider, openOutsider } from "../runtime/system/topics";

const total = Number(process.env.BENCH_MESSAGES ?? 100_000);
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const services = servicesOfRunner();

async function fill(outsider: Outsider, topic: string): Promise<void> {
  await outsider.create(topic);
  const messages = Array.from({ length: total }, (_, n) => ({
    key: `k${n % 1000}`,
    value: JSON.stringify({ n, customer: `c-${n % 977}`, country: n % 2 ? "DE" : "FR", pad: "x".repeat(100) }),
  }));
  await outsider.send(topic, messages);
}

/** The loop as an engineer would write it: one send a batch and partition, offsets committed after it. Returns messages/s. */
async function runByHand(from: string, to: string): Promise<number> {
  const kafka = new Kafka({
    clientId: "by-hand",
    brokers: services.kafkaBrokers.split(","),
    logLevel: logLevel.NOTHING,
  });
  const producer = kafka.producer({ createPartitioner: Partitioners.JavaCompatiblePartitioner });
  const consumer = kafka.consumer({ groupId: `by-hand-${to}`, maxBytesPerPartition: 1_000_000 });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: from, fromBeginning: true });
  const started = performance.now();
  let read = 0;
  await new Promise<void>((resolve) => {
    void consumer.run({
      partitionsConsumedConcurrently: 4,
      autoCommit: false,
      eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
        for (let index = 0; index < batch.messages.length; index += 500) {
          const chunk = batch.messages.slice(index, index + 500);
          const kept = chunk.filter(({ value }) => (JSON.parse(String(value)) as { country: string }).country === "DE");
          if (kept.length > 0)
            await producer.send({
              topic: to,
              acks: -1,
              messages: kept.map(({ key, value, headers }) => ({ key, value, headers })),
            });
          const last = chunk.at(-1)!.offset;
          resolveOffset(last);
          await consumer.commitOffsets([
            { topic: from, partition: batch.partition, offset: String(BigInt(last) + 1n) },
          ]);
          await heartbeat();
          read += chunk.length;
        }
        if (read >= total) resolve();
      },
    });
  });
  const seconds = (performance.now() - started) / 1000;
  await Promise.all([consumer.disconnect(), producer.disconnect()]);
  return total / seconds;
}

/** The same, drawn: from the deploy's first settled message to the last one written. Returns messages/s. */
async function runFlow(rig: Rig, outsider: Outsider, from: string, to: string): Promise<number> {
  const name = to.replaceAll(".", "-");
  const flow: FlowDocument = {
    format: flowFormat,
    name,
    settings: { trace: { perSecond: 10 } },
    nodes: [
      { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: from, start: "earliest" } },
      { id: "half", kind: "filter", config: { when: "body.country == 'DE'" } },
      { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: to } },
    ],
    edges: [
      { from: "in", to: "half" },
      { from: "half.pass", to: "out" },
    ],
  };
  const started = performance.now();
  await rig.deploy(flow);
  await waitUntil("the flow to finish", async () => (await outsider.count(to)) >= total / 2, 120_000);
  const seconds = (performance.now() - started) / 1000;
  await rig.stop(name);
  return total / seconds;
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const outsider = await openOutsider(services.kafkaBrokers);
const rig = await openRig(services);
rig.startWorker();
const source = `bench-${Date.now()}`;
await fill(outsider, source);
const [hand, flow]: [number[], number[]] = [[], []];
for (let round = 0; round < rounds; round++) {
  await outsider.create(`${source}.hand.${round}`);
  await outsider.create(`${source}.flow.${round}`);
  hand.push(await runByHand(source, `${source}.hand.${round}`));
  flow.push(await runFlow(rig, outsider, source, `${source}.flow.${round}`));
  console.log(`round ${round + 1}: by hand ${Math.round(hand.at(-1)!)}/s, flow ${Math.round(flow.at(-1)!)}/s`);
}
console.log(
  `kafka-filter: the flow runs at ${(median(flow) / median(hand)).toFixed(2)} of the loop by hand (medians of ${rounds} rounds, ${total} messages)`,
);
await rig.close();
await outsider.close();
