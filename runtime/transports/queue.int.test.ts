import { randomUUID } from "node:crypto";
import { type Job, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, describe, expect, it } from "vitest";
import type { Codec } from "../../flow/codec";
import { bytesCodec } from "../../flow/codecs/bytes";
import { jsonCodec } from "../../flow/codecs/json";
import { textCodec } from "../../flow/codecs/text";
import type { QueueJob } from "../../flow/connection-ports";
import { describeConformance, makeMessage, makeNumbered, pause, Receiver, type Subject, until } from "./conformance";
import { openQueue } from "./queue";
import { TcpProxy } from "./tcp-proxy";

const redisUrl = process.env.REDIS_URL;
if (redisUrl === undefined) throw new Error("REDIS_URL is not set: these tests need a real Redis");
const { hostname, port, pathname } = new URL(redisUrl);
const prefix = `test-${randomUUID().slice(0, 8)}`;
const never = new AbortController().signal;

function openSubject(proxy?: TcpProxy) {
  const transport = openQueue({
    name: "queue",
    config: { prefix, ...(proxy === undefined ? {} : { url: `redis://127.0.0.1:${proxy.port}${pathname}` }) },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl, databaseUrl: "" },
    log: () => {},
  });
  const subject: Subject = {
    transport,
    makePlace: async () => `q-${randomUUID()}`,
    consume: (queue, handlers, signal, codec = jsonCodec) =>
      transport.port.consume({ node: "in", queue, concurrency: 100, codec, signal }, handlers),
    write: (queue, messages, signal) =>
      transport.port.add(
        queue,
        messages.map((message) => ({ name: "message", message })),
        signal,
      ),
    close: () => transport.close(),
  };
  return { ...subject, transport };
}

describeConformance({
  name: "queue",
  settles: "individual",
  cannot: { each: "a job is worked once" },
  makeProxy: () => new TcpProxy({ host: hostname, port: Number(port || 6379) }),
  open: openSubject,
});

describe("queue", () => {
  const { transport } = openSubject();
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const opened: { close(): Promise<void> }[] = [];

  function openPlain(name: string): Queue {
    const queue = new Queue(name, { connection: redis, prefix });
    opened.push(queue);
    return queue;
  }

  afterAll(async () => {
    await Promise.all(opened.map((each) => each.close()));
    const keys = await redis.keys(`${prefix}:*`);
    if (keys.length > 0) await redis.unlink(keys);
    redis.disconnect();
    await transport.close();
  });

  async function consume(queue: string, codec: Codec = jsonCodec, concurrency = 10): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.source = await transport.port.consume(
      { node: "in", queue, concurrency, codec, signal: receiver.abort.signal },
      receiver,
    );
    opened.push({ close: () => receiver.source!.stop() });
    return receiver;
  }

  function add(queue: string, ...jobs: Partial<QueueJob>[]) {
    const message = makeMessage({ key: null, value: '{"n":1}', headers: [] });
    return transport.port.add(
      queue,
      jobs.map((job) => ({ name: "job", message, ...job })),
      never,
    );
  }

  it("works jobs of a plain BullMQ producer", async () => {
    const name = randomUUID();
    const queue = openPlain(name);
    await queue.add("order", { id: 7 });
    await queue.add("text", "hello");
    await queue.add("nothing", null);
    await queue.add("priority", { id: 8 }, { priority: 5 });
    await queue.add("later", { id: 9 }, { delay: 300 });
    const receiver = await consume(name);
    await until(() => receiver.received.length === 5);
    expect(receiver.received.map(({ body }) => body)).toEqual(
      expect.arrayContaining([{ id: 7 }, "hello", null, { id: 8 }, { id: 9 }]),
    );
    expect(receiver.received.every(({ key, headers }) => key === null && headers.length === 0)).toBe(true);
    await until(() => receiver.received.length === 5);
    await pause(100);
    expect(await queue.getJobCounts("completed", "failed", "active")).toEqual({ completed: 0, failed: 0, active: 0 });
  });

  it("adds jobs that a plain BullMQ worker understands", async () => {
    const name = randomUUID();
    const seen: unknown[] = [];
    const worker = new Worker(name, async (job) => void seen.push([job.name, job.data, job.opts.telemetry?.metadata]), {
      connection: redis,
      prefix,
    });
    opened.push(worker);
    const text = makeMessage({ key: null, value: "plain", headers: [] }).with({ codec: textCodec });
    const bytes = makeMessage({ key: null, value: "\u0001", headers: [] }).with({ codec: bytesCodec });
    await add(
      name,
      {
        message: makeMessage({
          key: "k",
          value: '{"id":7}',
          headers: [
            ["traceparent", "00-a"],
            ["h", "1"],
          ],
        }),
      },
      { message: text },
      { message: bytes },
      { message: makeMessage({ key: null, value: null, headers: [] }) },
    );
    await until(() => seen.length === 4);
    expect(seen).toEqual([
      ["job", { id: 7 }, '{"traceparent":"00-a","key":"k","headers":[["h","1"]]}'],
      ["job", "plain", undefined],
      ["job", { base64: "AQ==" }, undefined],
      ["job", null, undefined],
    ]);
  });

  it("reads text and bytes as it writes them", async () => {
    for (const [codec, value] of [
      [textCodec, "grüße"],
      [bytesCodec, "\u0000\u0001"],
    ] as const) {
      const name = randomUUID();
      await add(name, { message: makeMessage({ key: null, value, headers: [] }).with({ codec }) });
      const receiver = await consume(name, codec);
      await until(() => receiver.received.length === 1);
      expect(new TextDecoder().decode(receiver.received[0]!.value!)).toBe(value);
    }
  });

  it("hands over a job whose data is not JSON, and the ones behind it", async () => {
    const name = randomUUID();
    const queue = openPlain(name);
    await queue.add("before", { n: 1 });
    const broken = await queue.add("broken", {});
    await redis.hset(`${prefix}:${name}:${broken.id}`, "data", "{broken");
    await queue.add("behind", { n: 2 });
    const receiver = await consume(name, jsonCodec, 1);
    await until(() => receiver.received.length === 3);
    const message = receiver.received[1]!;
    expect(() => message.body).toThrow("not JSON");
    expect(new TextDecoder().decode(message.value!)).toBe("{broken");
    await pause(100);
    expect(await queue.getJobCounts("wait", "active", "failed")).toEqual({ wait: 0, active: 0, failed: 0 });
  });

  it("refuses job ids that BullMQ does not take, each by itself", async () => {
    const name = randomUUID();
    const verdicts = await add(
      name,
      { jobId: "order-1" },
      { jobId: "a:b" },
      { jobId: "17" },
      { jobId: "" },
      { jobId: "007" },
    );
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["done", "reject", "reject", "reject", "done"]);
    for (const verdict of verdicts.slice(1, 4)) expect(verdict).toMatchObject({ cause: { code: "job-id-invalid" } });
  });

  it("keeps one job per id, and delays and ranks as told", async () => {
    const name = randomUUID();
    await add(name, { jobId: "same" }, { jobId: "same" }, { delayMs: 60_000 }, { priority: 3 }, { priority: -1 });
    const counts = await openPlain(name).getJobCounts("wait", "delayed", "prioritized");
    expect(counts).toEqual({ wait: 1, delayed: 1, prioritized: 1 });
  });

  it("refuses a message that is not what its codec says", async () => {
    const [verdict] = await add(randomUUID(), { message: makeMessage({ key: null, value: "{broken", headers: [] }) });
    expect(verdict).toMatchObject({ verdict: "reject", cause: { code: "codec-decode" } });
  });

  it("works no more than its concurrency at once", async () => {
    const name = randomUUID();
    await add(name, ...makeNumbered(0, 30).map((message) => ({ message })));
    const receiver = new Receiver();
    receiver.settling = false;
    receiver.source = await transport.port.consume(
      { node: "in", queue: name, concurrency: 3, codec: jsonCodec, signal: receiver.abort.signal },
      receiver,
    );
    await until(() => receiver.received.length === 3);
    await pause(500);
    expect(receiver.received.length).toBe(3);
    receiver.settling = true;
    for (const message of [...receiver.received]) receiver.settle(message);
    await until(() => receiver.received.length === 30);
    receiver.abort.abort();
    await receiver.source.stop();
  });

  it("says what Redis keeps when it is killed, as Redis is set now", async () => {
    const before = await redis.config("GET", "appendfsync");
    const [persistence, fsync] = [await redis.info("persistence"), (before as string[])[1]];
    expect(await transport.keeping?.()).toEqual({
      server: "redis",
      appendOnly: persistence.includes("aof_enabled:1"),
      fsync,
    });
  });

  it("takes a job once within its window, also when the first one is worked and gone", async () => {
    const name = randomUUID();
    const once = (id: string, ttlMs = 60_000) => ({ deduplication: { id, ttlMs } });
    // What BullMQ takes for no id of a job does for this one.
    const ids = ["orders/in/orders%2F0/7", "4711", "a:b"];
    await add(name, ...ids.map((id) => once(id)), once(ids[0]!));
    const queue = openPlain(name);
    expect(await queue.getJobCounts("waiting")).toEqual({ waiting: 3 });
    const receiver = await consume(name);
    await until(() => receiver.received.length === 3);
    await expect
      .poll(() => queue.getJobCounts("waiting", "active", "completed"))
      .toEqual({
        waiting: 0,
        active: 0,
        completed: 0,
      });
    expect(await add(name, ...ids.map((id) => once(id)))).toEqual(ids.map(() => ({ verdict: "done" })));
    await add(name, once("another"));
    await until(() => receiver.received.length === 4);
    await pause(200);
    expect(receiver.received.length).toBe(4);
  });

  it("takes it again when the window is over, or when the job was removed by hand", async () => {
    const name = randomUUID();
    const queue = openPlain(name);
    const waiting = async () => (await queue.getJobCounts("waiting")).waiting;
    const short = { deduplication: { id: "short", ttlMs: 300 } };
    await add(name, short);
    // A second one does not make the window longer.
    await pause(200);
    await add(name, short);
    await pause(150);
    await add(name, short);
    expect(await waiting()).toBe(2);
    const long = { deduplication: { id: "long", ttlMs: 60_000 } };
    await add(name, long, long);
    expect(await waiting()).toBe(3);
    const [last] = await queue.getWaiting(2, 2);
    await last!.remove();
    await add(name, long);
    expect(await waiting()).toBe(3);
  });

  describe("results", () => {
    async function addKept(name: string, jobId: string): Promise<void> {
      await add(name, { jobId, keepResultMs: 60_000 });
    }
    function work(name: string, processor: (job: Job) => Promise<unknown>): void {
      opened.push(new Worker(name, processor, { connection: redis, prefix }));
    }

    it("are heard of at once, with the digits of long integers", async () => {
      const name = randomUUID();
      await addKept(name, "job-1");
      const waiting = transport.port.awaitResult(name, "job-1", never);
      expect(await transport.port.readResult(name, "job-1")).toEqual({ is: "unfinished" });
      await pause(300);
      work(name, async () => ({ shelf: 7 }));
      const beganAt = performance.now();
      expect(await waiting).toEqual({ is: "completed", result: { shelf: 7 } });
      expect(performance.now() - beganAt).toBeLessThan(2_000);
      await redis.hset(`${prefix}:${name}:job-1`, "returnvalue", '{"id":12345678901234567890}');
      expect(await transport.port.readResult(name, "job-1")).toEqual({
        is: "completed",
        result: { id: 12345678901234567890n },
      });
    });

    it("tell why a job failed, that one is gone, and nothing when nobody waits any more", async () => {
      const name = randomUUID();
      work(name, async () => {
        throw new Error("no shelf");
      });
      await addKept(name, "job-1");
      expect(await transport.port.awaitResult(name, "job-1", never)).toEqual({ is: "failed", reason: "no shelf" });
      expect(await transport.port.awaitResult(name, "job-2", never)).toEqual({ is: "gone" });
      await addKept(name, "job-1");
      expect(await transport.port.readResult(name, "job-1")).toMatchObject({ is: "failed" });
      const waiting = new AbortController();
      const later = randomUUID();
      await addKept(later, "job-3");
      const ended = transport.port.awaitResult(later, "job-3", waiting.signal);
      waiting.abort();
      expect(await ended).toBeNull();
    });

    it("are those of the last time when a failed job is worked again", async () => {
      const name = randomUUID();
      let times = 0;
      work(name, async () => {
        if (++times === 1) throw new Error("no shelf");
        return times;
      });
      await addKept(name, "job-1");
      expect(await transport.port.awaitResult(name, "job-1", never)).toMatchObject({ is: "failed" });
      await add(name, { jobId: "job-1", keepResultMs: 60_000, again: true });
      expect(await transport.port.awaitResult(name, "job-1", never)).toEqual({ is: "completed", result: 2 });
      await add(name, { jobId: "job-1", keepResultMs: 60_000, again: true });
      expect(await transport.port.readResult(name, "job-1")).toEqual({ is: "completed", result: 2 });
    });

    it("are found also when the word was lost: the connection was cut when the job ended", async () => {
      const proxy = new TcpProxy({ host: hostname, port: Number(port || 6379) });
      await proxy.listen();
      const subject = openSubject(proxy);
      const name = randomUUID();
      await addKept(name, "job-1");
      const waiting = subject.transport.port.awaitResult(name, "job-1", never);
      await pause(300);
      await proxy.cut();
      work(name, async () => 7);
      await pause(1_000);
      await expect(subject.transport.port.readResult(name, "job-1")).rejects.toThrow();
      await proxy.listen();
      expect(await waiting).toEqual({ is: "completed", result: 7 });
      await subject.close();
      await proxy.cut();
    });
  });

  it("keeps no password in what it says", async () => {
    const wrong = openQueue({
      name: "queue",
      config: { url: `redis://${hostname}:1` },
      secrets: { password: "topsecret" },
      environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
      log: () => {},
    });
    const error = await wrong.test().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ reason: { code: "broker-unreachable" } });
    expect(JSON.stringify((error as { reason: unknown }).reason)).not.toContain("topsecret");
    await wrong.close();
  });
});

describe.runIf(process.env.DATABASE_URL !== undefined)("queue on postgres", () => {
  const transport = openQueue({
    name: "queue",
    config: {},
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: process.env.DATABASE_URL ?? "" },
    log: () => {},
  });
  afterAll(() => transport.close());

  it("works as it does on Redis, for trying things out", async () => {
    const name = randomUUID();
    expect(await transport.test()).toContain("Postgres");
    const samples = [
      makeMessage({ key: "k", value: '{"n":1}', headers: [["h", "1"]] }),
      makeMessage({ key: null, value: '"text"', headers: [] }),
    ];
    const jobs = samples.map((message) => ({ name: "job", message }));
    expect(await transport.port.add(name, jobs, never)).toEqual([{ verdict: "done" }, { verdict: "done" }]);
    expect(await transport.places(name, 5)).toMatchObject({ places: [{ name, messages: 2 }] });
    expect((await transport.newest(name, 5, 100)).map(({ value }) => value)).toEqual(['"text"', '{"n":1}']);
    const receiver = new Receiver();
    receiver.source = await transport.port.consume(
      { node: "in", queue: name, concurrency: 5, codec: jsonCodec, signal: receiver.abort.signal },
      receiver,
    );
    await until(() => receiver.received.length === 2);
    expect(receiver.received.map(({ body }) => body)).toEqual(expect.arrayContaining([{ n: 1 }, "text"]));
    receiver.abort.abort();
    await receiver.source.stop();
    const kept = { name: "job", message: samples[0]!, jobId: "kept", keepResultMs: 60_000 };
    await transport.port.add(name, [kept], never);
    const waiting = transport.port.awaitResult(name, "kept", never);
    expect(await transport.port.readResult(name, "kept")).toEqual({ is: "unfinished" });
    const again = new Receiver();
    again.source = await transport.port.consume(
      { node: "in", queue: name, concurrency: 5, codec: jsonCodec, signal: again.abort.signal },
      again,
    );
    expect(await waiting).toMatchObject({ is: "completed" });
    again.abort.abort();
    await again.source.stop();
    expect(await transport.describe([`${name}-none`])).toEqual([]);
    expect(await transport.keeping?.()).toEqual({ server: "postgres" });
    const once = { name: "job", message: samples[0]!, deduplication: { id: "a:b", ttlMs: 60_000 } };
    await transport.port.add(name, [once, once], never);
    await transport.port.add(name, [once], never);
    expect(await transport.places(name, 5)).toMatchObject({ places: [{ name, messages: 1 }] });
  });
});
