import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bytesCodec } from "../../flow/codecs/bytes";
import { jsonCodec } from "../../flow/codecs/json";
import { findAnyPort } from "../../scripts/network.mjs";
import { type RedisServer, startRedis } from "../../scripts/services/redis.mjs";
import { makeMessage, makeNumbered, pause, Receiver, readMessage, readNumber, until } from "./conformance";
import { partitionOf } from "./kafka/partitioner";
import { openRedis } from "./redis";
import type { ConsumeOptions } from "./redis/lane";
import { TcpProxy } from "./tcp-proxy";

const group = "millrace.test.flow.in";
const never = new AbortController().signal;
let dir: string;
let server: RedisServer;
let plain: Redis;
let opened: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "millrace-redis-"));
  server = await startRedis({ dir, port: await findAnyPort(), durable: "always" });
  plain = new Redis(server.url, { maxRetriesPerRequest: null });
});
afterAll(async () => {
  plain.disconnect();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});
afterEach(async () => {
  await Promise.all(opened.map((each) => each.stop()));
  opened = [];
});

function open(config: Record<string, unknown> = {}, secrets: Record<string, string> = {}) {
  const transport = openRedis({
    name: "redis",
    config,
    secrets,
    environment: { kafkaBrokers: undefined, redisUrl: server.url, databaseUrl: "" },
    log: () => {},
  });
  opened.push({ stop: () => transport.close() });
  return transport;
}

async function consume(
  stream: string,
  change: Partial<ConsumeOptions> = {},
  receiver = new Receiver(),
  transport = open(),
): Promise<Receiver & { stop(): Promise<void> }> {
  const options: ConsumeOptions = {
    node: "in",
    stream,
    partitions: 1,
    sharing: "workers",
    group,
    fallback: "earliest",
    start: { from: "kind" },
    onGap: "halt",
    maxDeliveries: 10,
    layout: "message",
    codec: jsonCodec,
    signal: receiver.abort.signal,
    ...change,
  };
  const source = await transport.port.consume(options, receiver);
  receiver.source = source;
  let stopping: Promise<void> | undefined;
  const stop = () => {
    receiver.abort.abort();
    receiver.letGo();
    stopping ??= source.stop();
    return stopping;
  };
  opened.unshift({ stop });
  return Object.assign(receiver, { stop });
}

async function write(stream: string, messages: readonly ReturnType<typeof makeMessage>[], partitions = 1) {
  const entries = messages.map(({ key, value, headers }) => ({ stream, key, value, headers }));
  return open().port.add(entries, { partitions, layout: "message" }, never);
}

describe("programs of others", () => {
  it("read what is written as fields", async () => {
    const odd = Buffer.from([0, 255, 254]);
    const message = makeMessage({
      key: "k",
      value: '{"id":7}',
      headers: [
        ["origin", "shop"],
        ["origin", "till"],
      ],
    });
    await write("written", [
      message,
      makeMessage({ key: null, value: "", headers: [] }),
      makeMessage({ key: "gone", value: null, headers: [] }),
      makeMessage({ key: null, value: "", headers: [] }).with({ key: odd, headers: [["odd", odd]] }),
    ]);
    const entries = (await plain.xrangeBuffer("written", "-", "+")).map(([, fields]) => fields.map(String));
    expect(entries.slice(0, 3)).toEqual([
      ["key", "k", "value", '{"id":7}', "header:origin", "shop", "header:origin", "till"],
      ["value", ""],
      ["key", "gone", "tombstone", "1"],
    ]);
    const [, last] = (await plain.xrevrangeBuffer("written", "+", "-", "COUNT", 1))[0]!;
    expect(last).toEqual(["key", odd, "value", "", "header:odd", odd].map((part) => Buffer.from(part as string)));
  });

  it("read bytes that are no text, and a megabyte, as they are", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const large = Buffer.alloc(1_048_576, bytes);
    const sent = [bytes, large].map((value) => ({ stream: "written-bytes", key: null, headers: [], value }));
    const verdicts = await open().port.add(sent, { partitions: 1, layout: "message" }, never);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["done", "done"]);
    const entries = await plain.xrangeBuffer("written-bytes", "-", "+");
    const name = Buffer.from("value");
    expect(entries.map(([, [field, value]]) => field!.equals(name) && value!.toString("base64"))).toEqual(
      [bytes, large].map((value) => value.toString("base64")),
    );
  });

  it("write tombstones", async () => {
    await plain.xadd("ended", "*", "key", "gone", "tombstone", "1", "header:why", "left");
    await plain.xadd("ended", "*", "value", "");
    const receiver = await consume("ended");
    await until(() => receiver.received.length === 2);
    expect(receiver.received.map(readMessage)).toEqual([
      { key: "gone", value: null, headers: [["why", "left"]] },
      { key: null, value: "", headers: [] },
    ]);
    expect(receiver.received[0]!.body).toBeNull();
  });

  it("read members of the body as fields, where they expect those", async () => {
    const add = { partitions: 1, layout: "fields" as const };
    const entry = (value: string) => ({ stream: "fields", key: null, headers: [], value: Buffer.from(value) });
    const body = '{"id":"o-1","total":12.5,"big":90071992547409931,"lines":[1,2],"none":null}';
    const verdicts = await open().port.add([entry(body), entry("[1]"), entry("{}")], add, never);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["done", "reject", "reject"]);
    const [[, fields]] = (await plain.xrange("fields", "-", "+")) as [[string, string[]]];
    expect(fields).toEqual([
      "id",
      "o-1",
      "total",
      "12.5",
      "big",
      "90071992547409931",
      "lines",
      "[1,2]",
      "none",
      "null",
    ]);
  });

  it("write whatever fields they like", async () => {
    const large = "x".repeat(1_048_576);
    await plain.xadd("foreign", "*", "sensor", "7", "value", "20.5");
    await plain.xadd("foreign", "*", "a", "1", "a", "2", "raw", Buffer.from([255]));
    await plain.xadd("foreign", "*", "value", JSON.stringify({ large }), "key", "k");
    await plain.xadd("foreign", "*", "header:alone", "1");
    const receiver = await consume("foreign");
    await until(() => receiver.received.length === 4);
    const [first, second, third, fourth] = receiver.received;
    expect(first!.body).toEqual({ sensor: "7", value: "20.5" });
    expect(second!.body).toEqual({ a: ["1", "2"], raw: { base64: "/w==" } });
    expect(third!.keyText).toBe("k");
    expect((third!.body as { large: string }).large.length).toBe(large.length);
    expect(fourth!.body).toEqual({ "header:alone": "1" });
  });

  it("find the fields as they are where the node says so", async () => {
    await plain.xadd("as-fields", "*", "key", "k", "value", "1");
    const receiver = await consume("as-fields", { layout: "fields" });
    await until(() => receiver.received.length === 1);
    expect(receiver.received[0]).toMatchObject({ key: null, body: { key: "k", value: "1" } });
  });

  it("keep bytes of every kind", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    await plain.xadd("binary", "*", "value", bytes);
    const receiver = await consume("binary", { codec: bytesCodec });
    await until(() => receiver.received.length === 1);
    expect(Buffer.from(receiver.received[0]!.value!)).toEqual(bytes);
  });
});

describe("what is gone", () => {
  it("stops the source with the count of what was trimmed unread", async () => {
    // What was trimmed before there was a group is nobody's loss.
    await write("trimmed", makeNumbered(-5, 5));
    await plain.xtrim("trimmed", "MAXLEN", 0);
    await (await consume("trimmed")).stop();
    await write("trimmed", makeNumbered(0, 100));
    await plain.xtrim("trimmed", "MAXLEN", 10);
    const receiver = await consume("trimmed");
    await until(() => receiver.states.includes("halted"));
    expect(receiver.causes).toEqual(["position-gone"]);
    expect(receiver.words.at(-1)).toContain("90 entries of `trimmed` were trimmed before they were read");
    expect(receiver.received).toEqual([]);
    await receiver.stop();
    const again = await consume("trimmed", { onGap: "earliest" });
    await until(() => again.received.length === 10);
    expect(again.received.map(readNumber)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  });

  it("passes over a trimming of what was read, and an entry that somebody deleted", async () => {
    await write("read", makeNumbered(0, 20));
    const receiver = await consume("read");
    await until(() => receiver.received.length === 20);
    await plain.xtrim("read", "MAXLEN", 0);
    await write("read", makeNumbered(20, 10));
    await until(() => receiver.received.length === 30);
    expect(receiver.states).not.toContain("halted");
  });

  it.each(["workers", "one-worker"] as const)(
    "is told when it goes while the source waits for it, shared by %s",
    async (sharing) => {
      const stream = `waited-for-${sharing}`;
      const receiver = await consume(stream, { sharing });
      await write(stream, makeNumbered(0, 1));
      await until(() => receiver.received.length === 1);
      await pause(300);
      const both = plain.multi();
      for (let n = 1; n <= 10; n++) both.xadd(stream, "*", "value", JSON.stringify({ n }));
      await both.xtrim(stream, "MAXLEN", 3).exec();
      await until(() => receiver.states.includes("halted"));
      expect(receiver.words.at(-1)).toContain(`7 entries of \`${stream}\` were trimmed before they were read`);
    },
  );

  it.each(["workers", "one-worker"] as const)(
    "is not what was read before Redis was killed, shared by %s",
    async (sharing) => {
      const stream = `read-and-killed-${sharing}`;
      const first = await consume(stream, { sharing });
      await write(stream, makeNumbered(0, 20));
      await until(() => first.received.length === 20);
      await write(stream, makeNumbered(20, 1));
      await until(() => first.received.length === 21);
      await first.stop();
      await server.kill();
      await server.start();
      await write(stream, makeNumbered(21, 10));
      await plain.xtrim(stream, "MAXLEN", 10);
      const second = await consume(stream, { sharing });
      await until(() => second.received.length === 10);
      expect(second.states).not.toContain("halted");
      await second.stop();
      await write(stream, makeNumbered(31, 10));
      await plain.xtrim(stream, "MAXLEN", 4);
      const third = await consume(stream, { sharing });
      await until(() => third.states.includes("halted"));
      expect(third.words.at(-1)).toContain("6 entries of");
    },
  );

  it("stops it when a dead worker had what was trimmed, and leaves that pending", async () => {
    await write("had", makeNumbered(0, 5));
    await plain.xgroup("CREATE", "had", group, "0");
    await plain.xreadgroup("GROUP", group, "millrace-dead", "COUNT", 3, "STREAMS", "had", ">");
    await plain.xtrim("had", "MAXLEN", 3);
    const receiver = await consume("had");
    await until(() => receiver.states.includes("halted"));
    expect(receiver.words.at(-1)).toContain("2 entries of `had` were trimmed while a worker that died had them");
    const [pending] = (await plain.xpending("had", group)) as [number];
    expect(pending).toBeGreaterThanOrEqual(2);
    await receiver.stop();
    const again = await consume("had", { onGap: "earliest" });
    await expect.poll(async () => ((await plain.xpending("had", group)) as [number])[0], { timeout: 5_000 }).toBe(0);
    expect(again.states).not.toContain("halted");
    expect(receiver.numbers).toEqual(new Set([2, 3, 4]));
  });

  it("stops it when the stream is deleted with its group, or goes on as the node says", async () => {
    const halting = await consume("deleted");
    const going = await consume("deleted-too", { onGap: "earliest" });
    await write("deleted", makeNumbered(0, 2));
    await write("deleted-too", makeNumbered(0, 2));
    await until(() => halting.received.length === 2 && going.received.length === 2);
    await plain.del("deleted", "deleted-too");
    await until(() => halting.states.includes("halted"));
    expect(halting.words.at(-1)).toContain("the stream was deleted, or Redis lost its data");
    await write("deleted-too", makeNumbered(2, 2));
    await until(() => going.numbers.size === 4);
  });
});

describe("workers that come and go", () => {
  it("share partitions, each read by one, and keep the order of each key through all of it", async () => {
    const stream = "shared";
    const partitions = 4;
    const seen = new Map<string, number[]>();
    const proxy = new TcpProxy({ host: "127.0.0.1", port: server.port });
    await proxy.listen();
    const watch = (receiver: Receiver) => {
      const deliver = receiver.deliver.bind(receiver);
      receiver.deliver = (lane, epoch, messages) => {
        for (const message of messages) {
          // What the killed one had settled without a chance to say so comes again.
          const numbers = seen.get(`${message.keyText}`) ?? [];
          seen.set(`${message.keyText}`, numbers);
          if (!numbers.includes(readNumber(message))) numbers.push(readNumber(message));
        }
        return deliver(lane, epoch, messages);
      };
      return receiver;
    };
    const first = await consume(stream, { partitions, sharing: "one-worker" }, watch(new Receiver()));
    await write(stream, makeNumbered(0, 400), partitions);
    await until(() => first.received.length === 400);
    expect(new Set(first.received.map(({ meta }) => meta.lane)).size).toBeGreaterThan(1);
    for (const { meta, key } of first.received) expect(meta.lane).toBe(`${stream}.${partitionOf(key!, partitions)}`);

    const dying = open({ url: `redis://127.0.0.1:${proxy.port}` });
    const second = await consume(stream, { partitions, sharing: "one-worker" }, watch(new Receiver()), dying);
    await until(() => first.lanesRevoked.length === 2 && second.epochs.size === 2);
    await write(stream, makeNumbered(400, 400), partitions);
    await until(() => first.received.length + second.received.length === 800);
    expect(second.received.length).toBeGreaterThan(0);
    await proxy.cut();
    await write(stream, makeNumbered(800, 400), partitions);
    await until(() => new Set([...first.numbers, ...second.numbers]).size === 1_200, 30_000);
    for (const numbers of seen.values()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect([first.problems, second.problems]).toEqual([[], []]);
    await second.stop();
  });

  it("give back what they had, uncounted, and leave no empty consumer behind", async () => {
    await write("given", makeNumbered(0, 10));
    const leaving = new Receiver();
    leaving.settling = false;
    const first = await consume("given", {}, leaving);
    await until(() => leaving.received.length === 10);
    await first.stop();
    const second = await consume("given");
    await until(() => second.received.length === 10, 5_000);
    expect(new Set(second.received.map(({ meta }) => meta.attempt))).toEqual(new Set([1]));
    const names = async () => ((await plain.xinfo("CONSUMERS", "given", group)) as string[][]).map((each) => each[1]);
    await expect.poll(async () => (await names()).length, { timeout: 5_000 }).toBe(1);
    await second.stop();
    expect(await names()).toEqual([]);
  });

  it("work what may have killed others alone, and give it up after so many deliveries", async () => {
    await write("poison", makeNumbered(0, 4));
    await plain.xgroup("CREATE", "poison", group, "0");
    const [[, entries]] = (await plain.xreadgroup("GROUP", group, "millrace-dead", "STREAMS", "poison", ">")) as [
      [string, [string, string[]][]],
    ];
    const [a, b, c] = entries.map(([id]) => id) as [string, string, string];
    for (const [id, times] of [
      [a, 3],
      [b, 5],
      [c, 4],
    ] as const)
      await plain.xclaim("poison", group, "millrace-dead", 0, id, "RETRYCOUNT", times, "JUSTID");
    const receiver = new Receiver();
    receiver.settling = false;
    await consume("poison", { maxDeliveries: 5 }, receiver);
    await until(() => receiver.received.length === 1);
    await pause(1_500);
    // The one that was delivered once comes first; what is suspect waits until nothing else is in hand.
    expect(receiver.received.map(readNumber)).toEqual([3]);
    receiver.settling = true;
    for (const message of receiver.received) receiver.settle(message);
    await until(() => receiver.received.length === 4);
    const given = receiver.received.filter(({ givenUp }) => givenUp);
    expect(given.map(readNumber)).toEqual([1]);
    expect(given[0]!.givenUp).toMatchObject({ code: "poison-message" });
    expect(given[0]!.givenUp!.message).toContain("handed out 5 times");
  });
});

describe("what goes wrong", () => {
  it("is a key that is no stream", async () => {
    await plain.set("text", "x");
    const [verdict] = await write("text", makeNumbered(0, 1));
    expect(verdict).toMatchObject({ verdict: "retry", of: "dependency", cause: { code: "broker-refused" } });
    expect(JSON.stringify(verdict)).toContain("is no stream but something else");
    const receiver = await consume("text");
    await until(() => receiver.states.includes("degraded"));
    expect(receiver.words.at(-1)).toContain("`text` in Redis at");
    await plain.del("text");
    await until(() => receiver.states.at(-1) === "running");
  });

  it("is a wrong password, which nobody is told", async () => {
    await plain.acl("SETUSER", "guarded", "on", ">right", "~*", "+@all");
    const transport = open({ url: `redis://guarded@127.0.0.1:${server.port}` }, { password: "topsecret" });
    const error = await transport.test().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reason: { code: "broker-refused" } });
    expect(JSON.stringify(error)).toContain("refused the user name or password");
    expect(JSON.stringify(error)).not.toContain("topsecret");
    expect(await open({ url: `redis://guarded@127.0.0.1:${server.port}` }, { password: "right" }).test()).toContain(
      "Redis 7",
    );
  });

  it("is a Redis that is full: the writer waits, and loses nothing", async () => {
    await plain.config("SET", "maxmemory", "1mb");
    try {
      const verdicts = await write("full", makeNumbered(0, 10));
      for (const verdict of verdicts) expect(verdict).toMatchObject({ verdict: "retry", of: "dependency" });
      expect(JSON.stringify(verdicts[0])).toContain("is full (maxmemory)");
      expect(await plain.exists("full")).toBe(0);
    } finally {
      await plain.config("SET", "maxmemory", "0");
    }
    expect((await write("full", makeNumbered(0, 10))).every(({ verdict }) => verdict === "done")).toBe(true);
  });

  it("is a value that the server takes for too large", async () => {
    await plain.config("SET", "proto-max-bulk-len", "1mb");
    try {
      const large = makeMessage({ key: null, value: `"${"x".repeat(2_000_000)}"`, headers: [] });
      const verdicts = await write("large", [...makeNumbered(0, 2), large]);
      expect(verdicts.map(({ verdict }) => verdict)).toEqual(["done", "done", "reject"]);
      expect(verdicts[2]).toMatchObject({ cause: { code: "message-too-large" } });
    } finally {
      await plain.config("SET", "proto-max-bulk-len", "512mb");
    }
  });
});

it("trims as it is told, by length and by age", async () => {
  const { port } = open();
  const entries = makeNumbered(0, 5_000).map(({ key, value, headers }) => ({
    stream: "by-length",
    key,
    value,
    headers,
  }));
  await port.add(entries, { partitions: 1, layout: "message", trim: { maxLength: 1_000 } }, never);
  const length = await plain.xlen("by-length");
  expect(length).toBeGreaterThanOrEqual(1_000);
  expect(length).toBeLessThan(1_300);
  for (let at = 0; at < 300; at++) await plain.xadd("by-age", `${Date.now() - 100_000}-${at}`, "value", "1");
  const one = [{ stream: "by-age", key: null, value: Buffer.from("2"), headers: [] }];
  await port.add(one, { partitions: 1, layout: "message", trim: { maxAgeMs: 60_000 } }, never);
  expect(await plain.xlen("by-age")).toBeLessThan(102);
});

it("says how far it is behind, and what the server keeps", async () => {
  await write("lagging", makeNumbered(0, 3_000));
  const receiver = new Receiver();
  receiver.held = () => true;
  const held = await consume("lagging", {}, receiver);
  await until(() => receiver.received.length > 0);
  const lag = (await held.source!.progress())[0]?.lag;
  expect(lag).toBeGreaterThan(0);
  expect(lag).toBeLessThanOrEqual(3_000);
  receiver.letGo();
  await until(() => receiver.received.length === 3_000);
  expect(await held.source!.progress()).toMatchObject([{ lane: "lagging", lag: 0 }]);
  // Killed, Redis may come back with a count of what was read that is behind what was.
  const [[, group]] = (await plain.xinfo("GROUPS", "lagging")) as [[string, string]];
  const [[last]] = (await plain.xrevrange("lagging", "+", "-", "COUNT", 1)) as [[string, string[]]];
  await plain.call("XGROUP", "SETID", "lagging", group, last, "ENTRIESREAD", 10);
  expect(((await plain.xinfo("GROUPS", "lagging")) as unknown[][])[0]).toContain(2_990);
  expect(await held.source!.progress()).toMatchObject([{ lane: "lagging", lag: 0 }]);
  expect(await open().keeping?.()).toEqual({ server: "redis", appendOnly: true, fsync: "always" });
});

it("begins where the first deploy says, and where it stood after that", async () => {
  await write("begun", makeNumbered(0, 3));
  const first = await consume("begun", { fallback: "latest" });
  await until(() => first.states.includes("running"));
  await write("begun", makeNumbered(3, 3));
  await until(() => first.received.length === 3);
  await first.stop();
  await write("begun", makeNumbered(6, 3));
  const second = await consume("begun", { fallback: "latest" });
  await until(() => second.received.length === 3);
  expect([...first.numbers, ...second.numbers]).toEqual([3, 4, 5, 6, 7, 8]);
  const { timestamp } = first.received[0]!.meta;
  const other = await consume("begun", { group: randomUUID(), start: { from: "time", at: timestamp } });
  await until(() => other.numbers.has(8));
  expect(Math.min(...other.numbers)).toBe(3);
});

it("loses nothing that was acknowledged when Redis is killed, with `appendfsync always`", async () => {
  const receiver = await consume("killed");
  const { port } = open();
  const written = new Set<number>();
  for (let round = 0; round < 2; round++) {
    for (let from = round * 1_000; from < round * 1_000 + 1_000; from += 100) {
      const entries = makeNumbered(from, 100).map(({ key, value, headers }) => ({
        stream: "killed",
        key,
        value,
        headers,
      }));
      const verdicts = await port.add(entries, { partitions: 1, layout: "message" }, never);
      for (const [at, { verdict }] of verdicts.entries()) if (verdict === "done") written.add(from + at);
      if (from % 1_000 === 500) await server.kill();
      if (from % 1_000 === 600) await server.start();
    }
  }
  expect(written.size).toBeGreaterThan(1_000);
  await until(() => [...written].every((n) => receiver.numbers.has(n)), 30_000);
  expect(receiver.problems).toEqual([]);
});
