import { randomUUID } from "node:crypto";
import { type Admin, Kafka, logLevel } from "kafkajs";
import { afterAll, describe, expect, it } from "vitest";
import type { OpenSource, SourceBehaviour, SourceHandlers } from "../../flow/behaviour";
import { jsonCodec } from "../../flow/codecs/json";
import type { LaneState } from "../../flow/control";
import type { Message } from "../../flow/message";
import { done, type Verdict } from "../../flow/verdict";
import { sleep } from "../backoff";
import { SourceHost } from "../source-host";
import { makeHostOptions, openDelivery, openPipeline } from "../testing";
import { makeMessage, Receiver } from "./conformance";
import { openKafka } from "./kafka";
import { readSettings } from "./kafka/client";
import { KafkaQuestions } from "./kafka/questions";
import { openQueue } from "./queue";
import { makeRabbitProxy, openTestRabbit, toRabbit } from "./rabbitmq-samples";
import { openRedis } from "./redis";
import { TcpProxy } from "./tcp-proxy";

/**
 * Whatever makes a lane stand still is told, and the lane goes on within 15 s of its end: that bound is the promise. Real brokers, the
 * engine's own host, a proxy between that falls silent. The tests wait most of their time, so they run side by side.
 */
const { KAFKA_BROKERS: brokers = "", REDIS_URL: redisUrl = "" } = process.env;
if (brokers === "" || redisUrl === "") throw new Error("KAFKA_BROKERS and REDIS_URL are not set");
const [kafkaHost = "", kafkaPort = ""] = (brokers.split(",")[0] ?? "").split(":");
const redis = new URL(redisUrl);
const backWithinMs = 15_000;
const toldWithinMs = 25_000;
const never = new AbortController().signal;
const prefix = `test-${randomUUID().slice(0, 8)}`;
const measured: string[] = [];
const made: string[] = [];
const closing: (() => Promise<unknown>)[] = [];

const plain = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING });
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await withAdmin((admin) => admin.deleteTopics({ topics: made })).catch(() => {});
  console.info(measured.join("\n"));
}, 60_000);

function connectKafka(proxy?: TcpProxy, log: string[] = []) {
  return openKafka({
    name: "kafka",
    config: proxy ? { brokers: `127.0.0.1:${proxy.port}` } : {},
    secrets: {},
    environment: { kafkaBrokers: brokers, redisUrl: undefined, databaseUrl: "" },
    log: (_, message) => void log.push(message),
  });
}

/** A broker whose connections fall silent: a source and a sink of one place there, opened through the proxy or past it. */
interface Broker {
  readonly name: string;
  readonly settles: "contiguous" | "individual";
  readonly target: { readonly host: string; readonly port: number };
  /** What was handed out in a silence may be in the hands of nobody until the broker has missed whoever had it. */
  readonly againWithinMs: number;
  open(place: string, proxy?: TcpProxy): BrokerSide;
}

interface BrokerSide {
  consume(handlers: SourceHandlers): Promise<OpenSource>;
  write(message: Message): Promise<Verdict["verdict"]>;
  close(): Promise<void>;
}

const atRedis = { host: redis.hostname, port: Number(redis.port || 6379) };
const toRedis = (proxy?: TcpProxy) => ({
  config: proxy ? { url: `redis://127.0.0.1:${proxy.port}${redis.pathname}` } : {},
  secrets: {},
  environment: { kafkaBrokers: undefined, redisUrl, databaseUrl: "" },
  log: () => {},
});

const bullmq: Broker = {
  name: "bullmq",
  settles: "individual",
  target: atRedis,
  // BullMQ misses a lock after two rounds of 30 s.
  againWithinMs: 70_000,
  open(queue, proxy) {
    const options = toRedis(proxy);
    const transport = openQueue({ name: "queue", ...options, config: { ...options.config, prefix } });
    return {
      consume: (handlers) =>
        transport.port.consume({ node: "in", queue, concurrency: 20, codec: jsonCodec, signal: never }, handlers),
      write: async (message) => (await transport.port.add(queue, [{ name: "job", message }], never))[0]!.verdict,
      close: () => transport.close(),
    };
  },
};

const redisStreams = (["workers", "one-worker"] as const).map((sharing): Broker => {
  return {
    name: `a redis stream read by ${sharing}`,
    settles: "contiguous",
    target: atRedis,
    againWithinMs: 40_000,
    open(stream, proxy) {
      const transport = openRedis({ name: "redis", ...toRedis(proxy) });
      const { port } = transport;
      return {
        consume: (handlers) =>
          port.consume(
            {
              node: "in",
              stream,
              partitions: 1,
              sharing,
              group: "in",
              fallback: "earliest",
              start: { from: "kind" },
              onGap: "halt",
              maxDeliveries: 10,
              layout: "message",
              codec: jsonCodec,
              signal: never,
            },
            handlers,
          ),
        write: async ({ key, value, headers }) => {
          const entries = [{ stream, key, value, headers }];
          return (await port.add(entries, { partitions: 1, layout: "message" }, never))[0]!.verdict;
        },
        close: () => transport.close(),
      };
    },
  };
});

const rabbits = (["classic", "quorum", "stream"] as const).map((type): Broker => {
  return {
    name: type === "stream" ? "a rabbitmq stream" : `a ${type} rabbitmq queue`,
    settles: "contiguous",
    target: makeRabbitProxy().target,
    againWithinMs: 20_000,
    open(name, proxy) {
      const transport = openTestRabbit(proxy);
      const { port } = transport;
      const queue = { name, declare: { arguments: { "x-queue-type": type } } };
      const publisher = port.publisher({ node: "out", isFixed: true, queue });
      const reading = { node: "in", prefetch: 20, codec: jsonCodec, signal: never };
      const where = {
        reader: "in",
        ownName: "",
        fallback: "earliest",
        start: { from: "kind" },
        onGap: "halt",
      } as const;
      return {
        consume: (handlers) =>
          type === "stream"
            ? port.readStream({ ...reading, ...where, stream: queue }, handlers)
            : port.consume({ ...reading, queue }, handlers),
        write: async (message) => (await publisher.publish([toRabbit(message, name)], never))[0]!.verdict,
        async close() {
          await publisher.close();
          await transport.close();
        },
      };
    },
  };
});

async function openProxy(target: { host: string; port: number }, rewrite: boolean): Promise<TcpProxy> {
  const proxy = new TcpProxy(target, rewrite);
  await proxy.listen();
  closing.push(() => proxy.cut());
  return proxy;
}

/** The engine's own host and pipeline around a source, with a sink that collects, and a look at the lanes every half second. */
async function run(settles: "contiguous" | "individual", open: (handlers: SourceHandlers) => Promise<OpenSource>) {
  const got: Message[] = [];
  const sink = async (messages: readonly Message[]) => {
    got.push(...messages);
    return messages.map(() => done);
  };
  const pipeline = await openPipeline({ in: { targets: { out: ["sink"] } }, sink: { sink } });
  const { delivery } = openDelivery();
  const behaviour = {
    role: "source",
    settles,
    identity: () => "",
    open: (_: never, __: unknown, handlers: SourceHandlers) => open(handlers),
  };
  const host = new SourceHost(makeHostOptions(behaviour as SourceBehaviour<never>, () => pipeline, delivery));
  host.start();
  const looks = setInterval(() => void host.readProgress().then(() => host.lanes()), 500);
  closing.unshift(async () => {
    clearInterval(looks);
    await host.stop(1_000);
  });
  const numbers = () => new Set(got.map((message) => (message.body as { n: number }).n));
  const waitForState = (state: LaneState, ms: number) =>
    waitUntil(`a lane that is ${state}`, () => host.lanes().some((lane) => lane.state === state), ms);
  return { host, got, numbers, waitForState };
}

async function waitUntil(what: string, condition: () => boolean | Promise<boolean>, ms: number): Promise<number> {
  const begun = performance.now();
  while (!(await condition())) {
    if (performance.now() - begun > ms) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await sleep(100);
  }
  return Math.round(performance.now() - begun);
}

function note(cause: string, figures: Record<string, number>): void {
  const words = Object.entries(figures).map(([name, ms]) => `${name} ${(ms / 1_000).toFixed(1)} s`);
  measured.push(`${cause}: ${words.join(", ")}`);
}

/** kafkajs's admin mixes up what is asked at once: one for each question. */
async function withAdmin<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = plain.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

async function makeTopic(partitions: number): Promise<string> {
  const topic = `test-${randomUUID()}`;
  made.push(topic);
  await createTopic(topic, partitions);
  return topic;
}

/** kafkajs's own wait for leaders fails on a topic that no broker knows yet. */
async function createTopic(topic: string, partitions: number): Promise<void> {
  await withAdmin(async (admin) => {
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: false });
    const known = () => admin.fetchTopicMetadata({ topics: [topic] }).catch(() => null);
    await waitUntil("the topic", async () => (await known())?.topics[0]?.partitions.length === partitions, 20_000);
  });
}

function consume(
  kafka: ReturnType<typeof connectKafka>,
  topic: string,
  handlers: SourceHandlers,
  onGap: "halt" | "earliest" = "halt",
) {
  return kafka.port.consume(
    {
      node: "in",
      topic,
      groupId: `g-${topic}`,
      fallback: "earliest",
      start: { from: "kind" },
      onGap,
      delivery: "at-least-once",
      codec: jsonCodec,
      signal: new AbortController().signal,
    },
    handlers,
  );
}

/** Writes numbered messages past the proxy, one to each of the partitions every 100 ms. */
function startLoad(topic: string, partitions: () => number) {
  const sent = new Set<number>();
  let next = 0;
  let ended = false;
  const producing = (async () => {
    const producer = plain.producer();
    await producer.connect();
    while (!ended) {
      const messages = Array.from({ length: partitions() }, (_, partition) => ({
        partition,
        value: `{"n":${next++}}`,
      }));
      await producer.send({ topic, messages }).then(
        () => {
          for (const { value } of messages) sent.add((JSON.parse(value) as { n: number }).n);
        },
        () => {},
      );
      await sleep(100);
    }
    await producer.disconnect();
  })();
  return {
    sent,
    next: () => next,
    end: async () => {
      ended = true;
      await producing;
    },
  };
}

async function openKafkaScene(partitions: number, onGap?: "earliest") {
  const proxy = await openProxy({ host: kafkaHost, port: Number(kafkaPort) }, true);
  const log: string[] = [];
  const kafka = connectKafka(proxy, log);
  closing.push(() => kafka.close());
  const topic = await makeTopic(partitions);
  const scene = await run("contiguous", (handlers) => consume(kafka, topic, handlers, onGap));
  const load = startLoad(topic, () => partitions);
  /** Until every lane has brought a message that was written from now on. */
  const back = async (ms = backWithinMs, count = partitions) => {
    const from = load.next();
    const lanes = () =>
      new Set(scene.got.filter((message) => (message.body as { n: number }).n >= from).map(({ meta }) => meta.lane))
        .size;
    return waitUntil("every lane to be back", () => lanes() === count, ms);
  };
  const complete = async () => {
    await load.end();
    await waitUntil("every message", () => [...load.sent].every((n) => scene.numbers().has(n)), 20_000);
    await waitUntil("lanes without work", () => scene.host.lanes().every(({ state }) => state === "idle"), 20_000);
  };
  await back(40_000);
  return { ...scene, proxy, topic, load, back, complete, log };
}

describe.concurrent("kafka", () => {
  it("accepts and never answers", async () => {
    const { proxy, host, waitForState, back, complete } = await openKafkaScene(2);
    proxy.silence("both");
    const told = await waitForState("stalled", toldWithinMs);
    expect(host.lanes()[0]).toMatchObject({
      cause: {
        code: expect.stringMatching(/broker-unreachable|lane-stalled/),
        message: expect.stringMatching(/answer/),
      },
      lag: expect.any(Number),
      lastProgressAt: expect.any(Number),
    });
    await sleep(5_000);
    proxy.speak();
    note("kafka accepts and never answers", { told, back: await back() });
    await complete();
    expect(host.lanes().every(({ lastError }) => lastError?.code === "broker-unreachable")).toBe(true);
  }, 120_000);

  it("loses everything without a word for half a minute, and connections with it", async () => {
    const { proxy, waitForState, back, complete } = await openKafkaScene(2);
    proxy.silence("both");
    proxy.abandon();
    const [told] = await Promise.all([waitForState("stalled", toldWithinMs), sleep(30_000)]);
    proxy.abandon();
    proxy.speak();
    note("kafka's network swallows everything", { told, back: await back() });
    await complete();
  }, 120_000);

  it("has left, and the client is not told", async () => {
    const { proxy, back, complete } = await openKafkaScene(2);
    proxy.abandon();
    note("half-open connections to kafka", { back: await back() });
    await complete();
  }, 120_000);

  it("has left while another waits to be let into the group, and neither is told", async () => {
    const { proxy, topic, got, load } = await openKafkaScene(2);
    const otherProxy = await openProxy({ host: kafkaHost, port: Number(kafkaPort) }, true);
    const other = connectKafka(otherProxy);
    closing.push(() => other.close());
    const joining = await run("contiguous", (handlers) => consume(other, topic, handlers));
    await waitUntil("the other in the group", async () => (await describeGroup(topic)).members.length === 2, 20_000);
    proxy.abandon();
    otherProxy.abandon();
    const all = () =>
      [...got, ...joining.got].map(({ body, meta }) => ({ n: (body as { n: number }).n, lane: meta.lane }));
    const from = load.next();
    const lanes = () => new Set(all().flatMap(({ n, lane }) => (n >= from ? [lane] : [])));
    const back = await waitUntil("every lane to be back", () => lanes().size === 2, backWithinMs);
    note("half-open connections to kafka while a group is joined", { back });
    await load.end();
    const numbers = () => new Set(all().map(({ n }) => n));
    await waitUntil("every message", () => [...load.sent].every((n) => numbers().has(n)), 20_000);
  }, 120_000);

  it("has expired the session", async () => {
    const { topic, back, complete } = await openKafkaScene(2);
    const { memberId } = (await describeGroup(topic)).members[0]!;
    await expel(`g-${topic}`, memberId);
    const begun = performance.now();
    await waitUntil(
      "another member in its place",
      async () => {
        const { state, members } = await describeGroup(topic);
        return state === "Stable" && members[0] !== undefined && members[0].memberId !== memberId;
      },
      backWithinMs,
    );
    await back();
    note("an expired session", { back: performance.now() - begun });
    await complete();
  }, 120_000);

  it("has its group disturbed every second for half a minute", async () => {
    const { topic, back, complete } = await openKafkaScene(3);
    const other = connectKafka();
    closing.push(() => other.close());
    for (const until = Date.now() + 30_000; Date.now() < until; ) {
      const stranger = new Receiver();
      // What it got comes again.
      stranger.settling = false;
      stranger.source = await consume(other, topic, stranger);
      await sleep(1_000);
      await stranger.source.stop();
      await sleep(1_000);
    }
    note("a rebalance storm", { back: await back() });
    await complete();
  }, 180_000);

  it("has its topic deleted and made again", async () => {
    const { topic, got, host, load, log } = await openKafkaScene(2);
    await load.end();
    await waitUntil("everything", () => load.sent.size <= got.length, 10_000);
    await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
    const told = await waitUntil(
      "the missing topic",
      () => host.lanes().some(({ lastError }) => lastError?.code === "topic-missing"),
      toldWithinMs,
    );
    await createTopic(topic, 2);
    const before = got.length;
    const again = startLoad(topic, () => 2);
    const begun = performance.now();
    await waitUntil(
      "both lanes",
      () => new Set(got.slice(before).map(({ meta }) => meta.lane)).size === 2,
      backWithinMs,
    );
    note("a topic deleted and made again", { told, back: performance.now() - begun });
    await again.end();
    // A write that failed while the topic was new may have left some of its messages.
    const numbers = () => new Set(got.slice(before).map((message) => (message.body as { n: number }).n));
    await waitUntil(
      "every message of the new topic",
      () => [...again.sent].every((number) => numbers().has(number)),
      20_000,
    );
    const first = got.slice(before).filter(({ meta }) => meta.position === "0");
    expect(new Set(first.map(({ meta }) => meta.lane)).size).toBe(2);
    expect(log.some((line) => line.includes("deleted and made again"))).toBe(true);
  }, 120_000);

  it("gets more partitions", async () => {
    const { topic, got } = await openKafkaScene(1);
    await withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }));
    const producer = plain.producer();
    await producer.connect();
    await sleep(1_000);
    await producer.send({ topic, messages: [1, 2].map((partition) => ({ partition, value: '{"n":-1}' })) });
    await producer.disconnect();
    const pickedUp = await waitUntil("all lanes", () => new Set(got.map(({ meta }) => meta.lane)).size === 3, 60_000);
    note("partitions added", { "picked up": pickedUp });
  }, 120_000);

  it("has removed positions while nobody could read", async () => {
    const { topic, proxy, load, back, log, host } = await openKafkaScene(1, "earliest");
    proxy.silence("both");
    await sleep(8_000);
    await withAdmin(async (admin) => {
      const [mark] = await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: mark!.high }] });
    });
    proxy.speak();
    note("positions removed by retention", { back: await back() });
    await load.end();
    expect(log.some((line) => /messages of .* are gone/.test(line))).toBe(true);
    await waitUntil("an idle lane", () => host.lanes().every(({ state }) => state === "idle"), 20_000);
  }, 120_000);
});

for (const broker of [bullmq, ...redisStreams, ...rabbits]) {
  describe.concurrent(broker.name, () => {
    async function openScene() {
      const proxy = await openProxy(broker.target, false);
      const place = `${prefix}-${randomUUID()}`;
      const through = broker.open(place, proxy);
      const past = broker.open(place);
      closing.push(
        () => through.close(),
        () => past.close(),
      );
      let next = 0;
      const write = async (side = past) => {
        const n = next++;
        const verdict = await side.write(makeMessage({ key: null, value: `{"n":${n}}`, headers: [] }));
        return { n, verdict };
      };
      // The place is made by it, where that is not there.
      expect((await write()).verdict).toBe("done");
      const scene = await run(broker.settles, (handlers) => through.consume(handlers));
      const back = async (ms = backWithinMs) => {
        const { n, verdict } = await write();
        expect(verdict).toBe("done");
        return waitUntil("a message that was written now", () => scene.numbers().has(n), ms);
      };
      const sinkBack = () =>
        waitUntil("the sink to be back", async () => (await write(through)).verdict === "done", backWithinMs);
      await back(40_000);
      return { ...scene, proxy, through, write, back, sinkBack };
    }

    it("accepts and never answers", async () => {
      const { host, proxy, waitForState, write, back, sinkBack, through, numbers } = await openScene();
      proxy.silence("both");
      const { n } = await write();
      const writing = write(through);
      const told = await waitForState("stalled", toldWithinMs);
      expect(host.lanes()[0]!.cause).toMatchObject({
        code: expect.stringMatching(/broker-unreachable|lane-stalled/),
        message: expect.stringMatching(/answer/),
      });
      expect((await writing).verdict).toBe("retry");
      proxy.speak();
      note(`${broker.name} accepts and never answers`, { told, back: await back() });
      await sinkBack();
      await waitUntil("the message of the silence", () => numbers().has(n), broker.againWithinMs);
    }, 180_000);

    it("has left, and the client is not told", async () => {
      const { proxy, write, back, sinkBack, through } = await openScene();
      await write(through);
      proxy.abandon();
      const [source, sink] = await Promise.all([back(), sinkBack()]);
      note(`half-open connections to ${broker.name}`, { back: source, "sink back": sink });
    }, 120_000);
  });
}

async function describeGroup(topic: string) {
  const { groups } = await withAdmin((admin) => admin.describeGroups([`g-${topic}`]));
  return groups[0]!;
}

/** What the broker does with a member that it has not heard of for too long: it is in the group no more. */
async function expel(groupId: string, memberId: string): Promise<void> {
  const questions = new KafkaQuestions(
    readSettings({
      name: "kafka",
      config: {},
      secrets: {},
      environment: { kafkaBrokers: brokers, redisUrl: undefined, databaseUrl: "" },
      log: () => {},
    }),
  );
  await questions.expel(groupId, memberId);
  await questions.close();
}
