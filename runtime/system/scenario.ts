import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { expect } from "vitest";
import { type FlowDocument, flowFormat } from "../../flow/document";
import { sleep } from "../backoff";
import { type Rig, waitUntil } from "./rig";
import type { Outsider } from "./topics";

/**
 * The scenario that the delivery and fault tests share: numbered messages of many keys through
 * filter → map → switch → Kafka and queue, and the books kept over what arrived.
 */
export interface Scenario {
  readonly flow: FlowDocument;
  readonly topicIn: string;
  readonly topicOut: string;
  readonly queue: string;
}

export function scenarioOf(name: string): Scenario {
  const [topicIn, topicOut, queue] = [`${name}.in`, `${name}.out`, `${name}-rest`];
  return {
    topicIn,
    topicOut,
    queue,
    flow: {
      format: flowFormat,
      name,
      settings: { trace: { perSecond: 5 } },
      nodes: [
        { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: topicIn, start: "earliest" } },
        { id: "some", kind: "filter", config: { when: "body.n % 10 != 0" } },
        { id: "double", kind: "map", config: { set: { double: "body.n * 2" } } },
        { id: "route", kind: "switch", config: { cases: [{ port: "most", when: "body.n % 10 != 1" }] } },
        { id: "topic", kind: "kafka-sink", config: { connection: "kafka", topic: topicOut, key: "key" } },
        { id: "queue", kind: "queue-sink", config: { connection: "queue", queue } },
      ],
      edges: [
        { from: "in", to: "some" },
        { from: "some.pass", to: "double" },
        { from: "double", to: "route" },
        { from: "route.most", to: "topic" },
        { from: "route.otherwise", to: "queue" },
      ],
    },
  };
}

export async function createTopics(outsider: Outsider, scenario: Scenario): Promise<void> {
  await outsider.create(scenario.topicIn);
  await outsider.create(scenario.topicOut);
}

export const keys = 1_000;
/** The message of a number: one of a thousand keys. */
export const numbered = (n: number) => ({ key: `k${n % keys}`, value: JSON.stringify({ n, pad: "x".repeat(100) }) });

/** Sends messages numbered `from` up to `to`. */
export async function feed(outsider: Outsider, scenario: Scenario, from: number, to: number): Promise<void> {
  const messages = [];
  for (let n = from; n < to; n++) messages.push(numbered(n));
  await outsider.send(scenario.topicIn, messages);
}

export const expectedInTopic = (total: number) =>
  Array.from({ length: total }, (_, n) => n).filter((n) => n % 10 > 1).length;
export const expectedInQueue = (total: number) =>
  Array.from({ length: total }, (_, n) => n).filter((n) => n % 10 === 1).length;

export async function countJobs(redisUrl: string, queue: string): Promise<number> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  const jobs = new Queue(queue, { connection });
  try {
    return await jobs.getJobCountByTypes("waiting", "active", "delayed", "completed", "prioritized");
  } finally {
    await jobs.close();
    connection.disconnect();
  }
}

/**
 * Reads everything back with plain clients: none missing, each value as the flow makes it, order kept for each key among first deliveries.
 * Returns how many arrived more than once.
 */
export async function auditTopic(
  outsider: Outsider,
  scenario: Scenario,
  total: number,
): Promise<{ duplicates: number }> {
  const records = await outsider.readAll(scenario.topicOut);
  const seen = new Set<number>();
  const newestOfKey = new Map<string, number>();
  const partitionOfKey = new Map<string, number>();
  let duplicates = 0;
  let outOfOrder = 0;
  for (const { key, value, partition } of records) {
    const body = JSON.parse(String(value)) as { n: number; double: number };
    expect(body.double).toBe(body.n * 2);
    const name = String(key);
    expect(name).toBe(`k${body.n % keys}`);
    expect(partitionOfKey.get(name) ?? partition).toBe(partition);
    partitionOfKey.set(name, partition);
    if (seen.has(body.n)) {
      duplicates++;
      continue;
    }
    seen.add(body.n);
    if ((newestOfKey.get(name) ?? -1) > body.n) outOfOrder++;
    newestOfKey.set(name, body.n);
  }
  const missing = [];
  for (let n = 0; n < total; n++) if (n % 10 > 1 && !seen.has(n)) missing.push(n);
  expect(missing.slice(0, 10)).toEqual([]);
  expect(seen.size).toBe(expectedInTopic(total));
  expect(outOfOrder).toBe(0);
  return { duplicates };
}

/** Works the queue empty with a plain BullMQ worker and checks that each number of the rest is there. */
export async function auditQueue(redisUrl: string, scenario: Scenario, total: number): Promise<{ duplicates: number }> {
  const seen = new Map<number, number>();
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const worker = new Worker(
    scenario.queue,
    async (job) => {
      const body = job.data as { n: number; double: number };
      expect(body.double).toBe(body.n * 2);
      seen.set(body.n, (seen.get(body.n) ?? 0) + 1);
    },
    { connection, concurrency: 200 },
  );
  const wanted = expectedInQueue(total);
  const deadline = Date.now() + 60_000;
  while (seen.size < wanted && Date.now() < deadline) await sleep(50);
  await worker.close();
  connection.disconnect();
  const missing = [];
  for (let n = 1; n < total; n += 10) if (!seen.has(n)) missing.push(n);
  expect(missing.slice(0, 10)).toEqual([]);
  return { duplicates: [...seen.values()].reduce((sum, times) => sum + times - 1, 0) };
}

/** How much of the scenario's output has arrived, duplicates counted. */
export async function countArrived(
  outsider: Outsider,
  redisUrl: string,
  scenario: Scenario,
): Promise<[number, number]> {
  return [await outsider.count(scenario.topicOut), await countJobs(redisUrl, scenario.queue)];
}

/** Waits until as much has arrived as `total` messages lead to. @throws Error with the counts and what `describe` adds */
export function waitForArrival(
  outsider: Outsider,
  redisUrl: string,
  scenario: Scenario,
  total: number,
  timeoutMs: number,
  describe: () => Promise<string>,
): Promise<void> {
  const wanted = [expectedInTopic(total), expectedInQueue(total)] as const;
  return waitUntil(
    "every message to arrive",
    async () => {
      const [inTopic, inQueue] = await countArrived(outsider, redisUrl, scenario);
      return inTopic >= wanted[0] && inQueue >= wanted[1];
    },
    timeoutMs,
    async () => `${await countArrived(outsider, redisUrl, scenario)} of ${wanted}; ${await describe()}`,
  );
}

/** Counts alone can be reached by duplicates while something is still on its way: waits for the end of the input. */
export function waitForRest(rig: Rig, scenario: Scenario): Promise<void> {
  const lanes = async () => (await rig.live(scenario.flow.name)).flatMap((live) => live.lanes);
  return waitUntil(
    "nothing in flight",
    async () => (await lanes()).every((lane) => lane.inFlight === 0 && lane.lag === 0),
    60_000,
    async () => JSON.stringify(await lanes()),
  );
}
