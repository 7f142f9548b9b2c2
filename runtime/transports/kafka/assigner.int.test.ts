import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { jsonCodec } from "../../../flow/codecs/json";
import { createTopic } from "../../system/topics";
import { makeNumbered, Receiver, until } from "../conformance";
import { openKafka } from "../kafka";

const brokers = process.env.KAFKA_BROKERS;
if (brokers === undefined) throw new Error("KAFKA_BROKERS is not set: these tests need a real Kafka");
const topic = `assigner-${randomUUID()}`;
const groupId = `g-${topic}`;
const kafka = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING });
const admin = kafka.admin();
const transport = openKafka({
  name: "kafka",
  config: {},
  secrets: {},
  environment: { kafkaBrokers: brokers, redisUrl: undefined, databaseUrl: "" },
  log: () => {},
});

beforeAll(async () => {
  await admin.connect();
  await createTopic(admin, { topic, numPartitions: 4 });
});
afterAll(async () => {
  await transport.close();
  await admin.deleteTopics({ topics: [topic] }).catch(() => {});
  await admin.disconnect();
});

const protocol = async () => (await admin.describeGroups([groupId])).groups[0]?.protocol;
const write = (from: number, count: number) =>
  transport.port.produce(
    makeNumbered(from, count).map(({ key, value, headers }) => ({ topic, key, value, headers })),
    new AbortController().signal,
  );

it("shares with a member that knows only kafkajs's way, and goes back to its own when that one has left", async () => {
  const receiver = new Receiver();
  receiver.source = await transport.port.consume(
    {
      node: "in",
      topic,
      groupId,
      fallback: "earliest",
      start: { from: "kind" },
      onGap: "halt",
      delivery: "at-least-once",
      codec: jsonCodec,
      signal: receiver.abort.signal,
    },
    receiver,
  );
  const lanes = async () => (await receiver.source?.progress())?.length;
  await expect.poll(lanes, { timeout: 10_000 }).toBe(4);
  expect(await protocol()).toBe("millrace-even-1");

  const older = kafka.consumer({ groupId, heartbeatInterval: 500 });
  const seen = new Set<number>();
  await older.connect();
  await older.subscribe({ topic, fromBeginning: true });
  await older.run({
    eachMessage: async ({ message }) => {
      seen.add((JSON.parse(String(message.value)) as { n: number }).n);
    },
  });
  await expect.poll(lanes, { timeout: 15_000 }).toBe(2);
  expect(await protocol()).toBe("RoundRobinAssigner");
  await write(0, 1_000);
  await until(() => new Set([...receiver.numbers, ...seen]).size === 1_000);
  expect(seen.size).toBeGreaterThan(0);

  await older.disconnect();
  await expect.poll(lanes, { timeout: 15_000 }).toBe(4);
  expect(await protocol()).toBe("millrace-even-1");
  await write(1_000, 1_000);
  await until(() => new Set([...receiver.numbers, ...seen]).size === 2_000);
  await receiver.source.stop();
});
