import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { bytesCodec } from "../../flow/codecs/bytes";
import { jsonCodec } from "../../flow/codecs/json";
import type { PulsarPort, SubscriptionType } from "../../flow/connections/pulsar-port";
import { ownNameOf } from "../../flow/distribution";
import { Message } from "../../flow/message";
import { fetchPulsar, makeToken } from "../../scripts/services/pulsar.mjs";
import {
  describeConformance,
  makeMessage,
  makeNumbered,
  pause,
  Receiver,
  readMessage,
  readNumber,
  type Subject,
  until,
} from "./conformance";
import { openPulsar } from "./pulsar";
import { WebSocketClient } from "./pulsar/websocket/client";
import { TcpProxy } from "./tcp-proxy";

type Options = Parameters<PulsarPort["consume"]>[0];

const { PULSAR_URL: url = "", PULSAR_TOKEN_KEY: tokenKey = "" } = process.env;
if (url === "") throw new Error("PULSAR_URL is not set: these tests need a real Pulsar");
const { hostname, port } = new URL(url);
const plain = { batching: false, compression: "none" } as const;
const never = new AbortController().signal;
const defaults: Omit<Options, "topic" | "signal"> = {
  node: "in",
  subscription: "millrace.test",
  type: "failover",
  fallback: "earliest",
  start: { from: "kind" },
  prefetch: 1_000,
  ownName: "",
  codec: jsonCodec,
};

function openSubject(type: SubscriptionType, proxy?: TcpProxy, token?: string, config: object = {}) {
  const transport = openPulsar({
    name: "pulsar",
    config: { ...config, ...(proxy === undefined ? {} : { url: `ws://127.0.0.1:${proxy.port}` }) },
    secrets: token === undefined ? {} : { token },
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "", pulsarUrl: url },
    log: () => {},
  });
  const subject: Subject = {
    transport,
    makePlace: async () => {
      const topic = `t-${randomUUID()}`;
      await transport.createPlace?.("topic", topic, { partitions: 3 });
      return topic;
    },
    consume: (topic, handlers, signal, codec = jsonCodec) =>
      transport.port.consume({ ...defaults, topic, type, codec, signal }, handlers),
    consumeEach: (topic, worker, handlers, signal) => {
      const ownName = ownNameOf("each", worker);
      const subscription = `${defaults.subscription}${ownName}`;
      return transport.port.consume({ ...defaults, topic, subscription, ownName, signal }, handlers);
    },
    write: (topic, messages, signal) =>
      transport.port.produce(
        messages.map(({ key, value, headers }) => ({ topic, key, value, headers })),
        plain,
        signal,
      ),
    close: () => transport.close(),
  };
  return { ...subject, transport };
}

function comparePositions(a: string, b: string): number {
  const [one, other] = [a, b].map((position) => position.split(":").map(Number));
  return one![0]! - other![0]! || one![1]! - other![1]!;
}

const noOrder = { order: "a shared subscription gives each message to whoever is free" };

for (const [type, settles, cannot] of [
  ["failover", "contiguous", {}],
  ["shared", "individual", noOrder],
  ["key_shared", "contiguous", {}],
] as const) {
  describeConformance({
    name: `pulsar, ${type}`,
    settles,
    cannot,
    comparePositions,
    makeProxy: () => new TcpProxy({ host: hostname, port: Number(port) }),
    open: (proxy) => openSubject(type, proxy),
  });
}

describe("pulsar", () => {
  const { transport, makePlace } = openSubject("shared");
  const opened: { stop(): Promise<unknown> }[] = [];
  const sockets: WebSocket[] = [];

  afterAll(async () => {
    for (const { stop } of opened) await stop();
    for (const socket of sockets) socket.terminate();
    await transport.close();
  });

  async function consume(topic: string, options: Partial<Options> = {}, through = transport): Promise<Receiver> {
    const receiver = new Receiver();
    const all = { ...defaults, topic, signal: receiver.abort.signal, ...options };
    receiver.source = await through.port.consume(all, receiver);
    opened.push({ stop: () => stop(receiver) });
    return receiver;
  }

  async function stop(receiver: Receiver): Promise<void> {
    receiver.abort.abort();
    receiver.letGo();
    await receiver.source?.stop();
  }

  const write = (topic: string, messages: readonly Message[], through = transport) =>
    through.port.produce(
      messages.map(({ key, value, headers }) => ({ topic, key, value, headers })),
      plain,
      never,
    );

  /** A program that knows nothing of Millrace. */
  async function openPlain(path: string): Promise<WebSocket> {
    const socket = new WebSocket(`${url}/ws/v2/${path}`);
    sockets.push(socket);
    await once(socket, "open");
    return socket;
  }

  /** Each third message has the value `null`, as only Pulsar's own protocol can say it. */
  async function writeNatively(topic: string, batching: boolean, count: number): Promise<void> {
    const program = fileURLToPath(new URL("../../scripts/services/pulsar/WriteWithNulls.java", import.meta.url));
    const args = ["-cp", join(await fetchPulsar(), "*"), program, url.replace("ws", "http"), topic, batching, count];
    await promisify(execFile)("java", args.map(String));
  }

  async function makePlain(): Promise<string> {
    const topic = `t-${randomUUID()}`;
    await transport.createPlace!("topic", topic, { partitions: 0 });
    return topic;
  }

  it("understands plain clients, and they understand it: properties, keys, bytes, a megabyte", async () => {
    const [theirs, ours] = [await makePlain(), await makePlain()];
    const bytes = Buffer.from([0, 255, 254, 128]);
    const large = Buffer.alloc(1_000_000, 7);
    const producer = await openPlain(`producer/persistent/public/default/${theirs}`);
    const send = (message: object) => producer.send(JSON.stringify(message));
    send({ payload: bytes.toString("base64"), key: "c-7", properties: { origin: "shop", a: "1" }, context: "1" });
    send({ payload: large.toString("base64"), context: "2" });
    const receiver = await consume(theirs, { codec: bytesCodec });
    await until(() => receiver.received.length === 2);
    const [first, second] = receiver.received;
    expect(readMessage(first!)).toMatchObject({
      key: "c-7",
      headers: [
        ["a", "1"],
        ["origin", "shop"],
      ],
    });
    expect(Buffer.from(first!.value!).equals(bytes)).toBe(true);
    expect(second!.key).toBeNull();
    expect(Buffer.from(second!.value!).equals(large)).toBe(true);

    const verdicts = await write(ours, [
      makeMessage({ key: "k", value: "{}", headers: [["h", "1"]] }),
      makeMessage({ key: null, value: null, headers: [] }),
      makeMessage({ key: null, value: "x".repeat(1_000_000), headers: [] }),
    ]);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["done", "done", "done"]);
    const reader = await openPlain(`reader/persistent/public/default/${ours}?messageId=earliest`);
    const seen: Record<string, unknown>[] = [];
    reader.on("message", (data) => seen.push(JSON.parse(String(data)) as Record<string, unknown>));
    await until(() => seen.length === 3);
    expect(seen[0]).toMatchObject({ key: "k", properties: { h: "1" }, payload: btoa("{}") });
    expect(seen[1]).toMatchObject({ properties: { "millrace-body": "null" }, payload: "" });
    expect(Buffer.from(String(seen[2]!.payload), "base64").length).toBe(1_000_000);
  });

  it("leaves bytes as they are for plain clients, and reads an empty payload of theirs as an empty value", async () => {
    const [theirs, ours] = [await makePlain(), await makePlain()];
    const bytes = new Uint8Array([0, 255, 254, 128]);
    const { meta } = makeNumbered(0, 1)[0]!;
    const parts = { key: Buffer.from("k"), value: bytes, headers: [["odd", bytes]] as const, meta, codec: bytesCodec };
    const message = new Message(parts);
    expect(await write(ours, [message, message.with({ key: bytes, headers: [] })])).toMatchObject([
      { verdict: "done" },
      { verdict: "done" },
    ]);
    const reader = await openPlain(`reader/persistent/public/default/${ours}?messageId=earliest`);
    const seen: Record<string, unknown>[] = [];
    reader.on("message", (data) => seen.push(JSON.parse(String(data)) as Record<string, unknown>));
    await until(() => seen.length === 2);
    const base64 = Buffer.from(bytes).toString("base64");
    expect(seen[0]).toMatchObject({ key: "k", payload: base64, properties: { odd: base64 } });
    expect(seen[1]).toMatchObject({ key: base64, payload: base64, properties: { "millrace-key": "base64" } });

    const producer = await openPlain(`producer/persistent/public/default/${theirs}`);
    producer.send(JSON.stringify({ payload: "" }));
    producer.send(JSON.stringify({ payload: "", properties: { "millrace-body": "null" } }));
    const receiver = await consume(theirs, { codec: bytesCodec });
    await until(() => receiver.received.length === 2);
    expect(receiver.received.map(({ value }) => value && [...value])).toEqual([[], null]);
  });

  it.each([
    ["failover", false],
    ["exclusive", true],
    ["shared", true],
    ["key_shared", false],
  ] as const)(
    "reads messages of native clients that have no value, at which the WebSocket API stops: %s, batches %s",
    async (type, batching) => {
      const topic = await makePlain();
      const count = 12;
      const receivers = [await consume(topic, { type, codec: bytesCodec })];
      if (type.endsWith("shared")) receivers.push(await consume(topic, { type, codec: bytesCodec }));
      await writeNatively(topic, batching, count);
      const read = () =>
        receivers.flatMap(({ received }) =>
          received.map((message) => {
            const { key, headers } = readMessage(message);
            const value = message.value && Buffer.from(message.value).toString();
            return { n: Number(headers.find(([name]) => name === "n")?.[1]), key, headers, value };
          }),
        );
      await until(() => new Set(read().map(({ n }) => n)).size === count, 40_000);
      for (const { n, key, headers, value } of read()) {
        expect({ key, value }).toEqual({ key: `k-${n % 4}`, value: n % 3 === 1 ? null : `{"n":${n}}` });
        expect(headers).toEqual([
          ["a", "\u00e9"],
          ["n", String(n)],
        ]);
      }
      if (receivers.length === 1)
        for (const key of ["k-0", "k-1", "k-2", "k-3"]) {
          const numbers = read().flatMap((each) => (each.key === key ? [each.n] : []));
          expect(numbers).toEqual(Array.from({ length: count }, (_, n) => n).filter((n) => `k-${n % 4}` === key));
        }
      await expect.poll(() => transport.waiting!(topic, defaults.subscription), { timeout: 5_000 }).toBe(0);
    },
  );

  it("counts what waits for a subscription, and knows nothing of one that is not there", async () => {
    for (const topic of [await makePlain(), await makePlace()]) {
      const receiver = await consume(topic, { subscription: "billing" });
      await until(() => receiver.states.at(-1) === "running");
      await stop(receiver);
      await write(topic, makeNumbered(0, 7));
      expect(await transport.waiting!(topic, "billing")).toBe(7);
      expect(await transport.waiting!(topic, "unknown")).toBeNull();
    }
    expect(await transport.waiting!(`none-${randomUUID()}`, "billing")).toBeNull();
  });

  it("goes on where a subscription is, wherever it was to begin", async () => {
    const topic = await makePlain();
    await write(topic, makeNumbered(0, 10));
    const first = await consume(topic, { subscription: "billing" });
    await until(() => first.numbers.size === 10);
    await first.source!.progress();
    await stop(first);
    for (const start of [{ from: "earliest" }, { from: "time", at: 0 }] as const) {
      const again = await consume(topic, { subscription: "billing", start });
      await until(() => again.states.at(-1) === "running");
      await pause(500);
      expect(again.received).toEqual([]);
      await stop(again);
    }
  });

  it("reads and writes topics of other tenants and namespaces, named with the topic or by the connection", async () => {
    const tenant = `acme-${randomUUID()}`;
    const admin = (path: string, body: object) =>
      fetch(`http://${hostname}:${port}/admin/v2/${path}`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await admin(`tenants/${tenant}`, { adminRoles: [], allowedClusters: ["standalone"] })).ok).toBe(true);
    expect((await admin(`namespaces/${tenant}/shop`, {})).ok).toBe(true);
    const { transport: there } = openSubject("failover", undefined, undefined, { tenant, namespace: "shop" });
    opened.push({ stop: () => there.close() });
    const named = `${tenant}/shop/orders`;
    await transport.createPlace!("topic", named, { partitions: 2 });
    expect(await there.places("", 5)).toMatchObject({ places: [{ name: "orders", partitions: 2 }] });
    expect(await transport.places(`${tenant}/shop/`, 5)).toMatchObject({ places: [{ name: named }] });
    await write(named, makeNumbered(0, 10));
    await write("orders", makeNumbered(10, 10), there);
    await write(`persistent://${named}`, makeNumbered(20, 10), there);
    const byName = await consume(named, { subscription: "one" });
    const byConnection = await consume("orders", { subscription: "other" }, there);
    await until(() => byName.numbers.size === 30 && byConnection.numbers.size === 30);
    expect([...byName.byLane.keys()].sort()).toEqual([0, 1].map((n) => `${named}-partition-${n}`));
    expect([...byConnection.byLane.keys()].sort()).toEqual([0, 1].map((n) => `orders-partition-${n}`));
    expect(await there.newest("orders", 50, 100)).toHaveLength(30);
    // Topics of one name are not one topic.
    expect(await transport.describe(["orders", named])).toMatchObject([{ name: named, messages: 30 }]);
  });

  it("reads batches, compressed, message by message, and those that were not settled again", async () => {
    const topic = await makePlain();
    const batched = { batching: true, compression: "lz4" } as const;
    const messages = makeNumbered(0, 600).map(({ key, value, headers }) => ({ topic, key, value, headers }));
    const verdicts = await transport.port.produce(messages, batched, never);
    expect(verdicts.filter(({ verdict }) => verdict !== "done")).toEqual([]);
    const first = new Receiver();
    first.settling = false;
    first.source = await transport.port.consume({ ...defaults, topic, signal: first.abort.signal }, first);
    await until(() => first.received.length === 600);
    expect(first.received.map(readNumber)).toEqual(messages.map((_, n) => n));
    const positions = first.received.map(({ meta }) => meta.position);
    expect(new Set(positions).size).toBe(600);
    expect(positions.some((position) => position.split(":").length === 4)).toBe(true);
    // A reader goes on within a batch.
    const at = positions.findIndex((position, n) => n >= 299 && position.split(":").length === 4);
    const [ledger, entry, ...place] = positions[at]!.split(":");
    const id = {
      ledger: BigInt(ledger!),
      entry: BigInt(entry!),
      partition: Number(place[0]),
      batchIndex: Number(place[1]),
    };
    const client = new WebSocketClient({ address: url, adminAddress: url.replace("ws", "http"), token: undefined });
    const rest: string[] = [];
    const reader = await client.openReader({ tenant: "public", namespace: "default", name: topic }, id, {
      received: ({ payload }) => void rest.push(atob(payload)),
      closed: () => {},
    });
    await until(() => rest.length >= 599 - at);
    expect(rest[0]).toBe(`{"n":${at + 1}}`);
    await reader.close();
    first.settle(first.received[299]!);
    await first.source.progress();
    await stop(first);
    const second = await consume(topic);
    await until(() => second.numbers.has(599));
    const again = second.received.map(readNumber);
    expect(again).toEqual([...again].sort((a, b) => a - b));
    // A batch comes again as a whole, from its first message on, as long as one of it was not settled.
    const entryOf = (n: number) => positions[n]!.split(":").slice(0, 3).join(":");
    expect(again.filter((n) => n < 300 && entryOf(n) !== entryOf(299))).toEqual([]);
    expect(again.filter((n) => n >= 300)).toHaveLength(300);
    await expect.poll(() => transport.waiting!(topic, defaults.subscription), { timeout: 5_000 }).toBe(0);
  });

  it("keeps each key in order in a key-shared subscription while consumers join and leave", async () => {
    const topic = await makePlace();
    // Over all consumers, in the order in which messages came; what comes twice counts at its first time.
    const firsts = new Map<string, number[]>();
    const seen = new Set<number>();
    const join = async () => {
      const receiver = new Receiver();
      const deliver = receiver.deliver.bind(receiver);
      receiver.deliver = async (lane, epoch, messages) => {
        for (const message of messages) {
          const n = readNumber(message);
          if (seen.has(n)) continue;
          seen.add(n);
          firsts.set(message.keyText!, [...(firsts.get(message.keyText!) ?? []), n]);
        }
        await pause(5);
        await deliver(lane, epoch, messages);
      };
      const all = { ...defaults, topic, type: "key_shared", prefetch: 20, signal: receiver.abort.signal } as const;
      receiver.source = await transport.port.consume(all, receiver);
      opened.push({ stop: () => stop(receiver) });
      return receiver;
    };
    let written = 0;
    const writeSome = async () => {
      for (let round = 0; round < 10; round++, written += 50) await write(topic, makeNumbered(written, 50));
    };
    const one = await join();
    await writeSome();
    const [two] = await Promise.all([join(), writeSome()]);
    await writeSome();
    const [three] = await Promise.all([join(), stop(one), writeSome()]);
    await Promise.all([stop(two), writeSome()]);
    await writeSome();
    await until(() => seen.size === written, 60_000);
    for (const numbers of firsts.values()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(two.received.length * three.received.length).toBeGreaterThan(0);
  });

  it("shares messages among consumers, and gives back what is released or left", async () => {
    const topic = await makePlain();
    await write(topic, makeNumbered(0, 40));
    const first = new Receiver();
    first.settling = false;
    const all = { ...defaults, topic, type: "shared", prefetch: 10, signal: first.abort.signal } as const;
    first.source = await transport.port.consume(all, first);
    await until(() => first.received.length >= 10);
    const [returned] = first.received;
    first.source.release?.(topic, first.epochs.get(topic)!, returned!.meta.position);
    const came = () => first.received.filter(({ meta }) => meta.position === returned!.meta.position);
    await until(() => came().length === 2);
    expect(came()[1]!.meta.attempt).toBe(2);
    const kept = first.received[3]!;
    first.settle(kept);
    first.abort.abort();
    for (const { meta } of first.received) first.source.release?.(topic, first.epochs.get(topic)!, meta.position);
    const second = await consume(topic, { type: "shared" });
    await until(() => second.numbers.size === 39, 10_000);
    expect(second.numbers.has(readNumber(kept))).toBe(false);
    await first.source.stop();
  });

  it("gives each key to one consumer, in its order, where the subscription is key-shared", async () => {
    const topic = await makePlain();
    const one = await consume(topic, { type: "key_shared" });
    const two = await consume(topic, { type: "key_shared" });
    await until(() => one.states.at(-1) === "running" && two.states.at(-1) === "running");
    await write(topic, makeNumbered(0, 500));
    await until(() => one.received.length + two.received.length >= 500);
    const keysOf = ({ received }: Receiver) => new Set(received.map(({ keyText }) => keyText));
    expect([...keysOf(one)].filter((key) => keysOf(two).has(key))).toEqual([]);
    for (const { received } of [one, two]) {
      const numbers = received.map(readNumber);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });

  it("has Pulsar move away what was given out too often", async () => {
    const [topic, dead] = [await makePlain(), await makePlain()];
    const deadLetter = { maxRedeliver: 1, topic: `persistent://public/default/${dead}` };
    const receiver = new Receiver();
    receiver.settling = false;
    const all = { ...defaults, topic, type: "shared", deadLetter, signal: receiver.abort.signal } as const;
    receiver.source = await transport.port.consume(all, receiver);
    opened.push({ stop: () => stop(receiver) });
    await write(topic, makeNumbered(0, 1));
    const release = (attempt: number) => {
      const { meta } = receiver.received[attempt]!;
      receiver.source!.release?.(topic, receiver.epochs.get(topic)!, meta.position);
    };
    for (const attempt of [0, 1]) {
      await until(() => receiver.received.length > attempt);
      release(attempt);
    }
    const letters = await consume(dead);
    await until(() => letters.received.length === 1);
    expect(readNumber(letters.received[0]!)).toBe(0);
    expect(receiver.received.length).toBe(2);
  });

  it("pins where it begins: with what is to come, or at a time, also before anybody consumes", async () => {
    const topic = await makePlace();
    await write(topic, makeNumbered(0, 10));
    await pause(20);
    const between = Date.now();
    await pause(20);
    const latest = await consume(topic, { subscription: "late", fallback: "latest" });
    await until(() => latest.states.at(-1) === "running");
    await stop(latest);
    await write(topic, makeNumbered(10, 10));
    const again = await consume(topic, { subscription: "late", fallback: "earliest" });
    const timed = await consume(topic, { subscription: "timed", start: { from: "time", at: between } });
    await until(() => again.numbers.size >= 10 && timed.numbers.size >= 10);
    await pause(300);
    for (const { numbers } of [again, timed]) expect([...numbers].every((n) => n >= 10)).toBe(true);
  });

  it("sends what had no receipt again, in its order, when the connection breaks under it", async () => {
    const proxy = new TcpProxy({ host: hostname, port: Number(port) });
    await proxy.listen();
    const through = openSubject("failover", proxy).transport;
    try {
      const topic = await makePlain();
      await write(topic, makeNumbered(0, 1), through);
      const writing = write(topic, makeNumbered(1, 3_000), through);
      await pause(30);
      await proxy.cut();
      await pause(200);
      await proxy.listen();
      expect((await writing).every(({ verdict }) => verdict === "done")).toBe(true);
      const receiver = await consume(topic);
      await until(() => receiver.numbers.size === 3_001);
      const firsts = [...receiver.numbers];
      expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
    } finally {
      await through.close();
      await proxy.cut();
    }
  });

  it("refuses a message that is too large by its name, and writes those beside it", async () => {
    const topic = await makePlain();
    const sized = (size: number) => makeMessage({ key: null, value: "x".repeat(size), headers: [] });
    // Larger than a broker takes; larger than a frame may be.
    for (const size of [5_500_000, 7_000_000]) {
      const verdicts = await write(topic, [sized(10), sized(size), sized(10)]);
      expect(verdicts).toMatchObject([
        { verdict: "done" },
        {
          verdict: "reject",
          cause: { code: "message-too-large", message: expect.stringMatching(/maxMessageSize|webSocketMax/) },
        },
        { verdict: "done" },
      ]);
    }
  });

  it("says what is missing or in the way, and how to go on", async () => {
    const topic = await makePlain();
    const state = async (options: Partial<Options>, through = transport) => {
      const receiver = await consume(topic, options, through);
      await until(() => receiver.states.length > 0);
      return receiver.causes.at(-1);
    };
    const first = makeNumbered(0, 1);
    expect(await write(`none-${randomUUID()}`, first)).toMatchObject([
      { verdict: "retry", of: "dependency", cause: { code: "topic-missing" } },
    ]);
    expect(await write("public/nowhere/orders", first)).toMatchObject([
      { of: "dependency", cause: { code: "topic-missing" } },
    ]);
    expect(await state({ topic: `none-${randomUUID()}` })).toBe("topic-missing");
    expect(await state({ topic: "public/nowhere/orders" })).toBe("topic-missing");
    expect(await state({ type: "shared", subscription: "typed" })).toBeUndefined();
    expect(await state({ type: "failover", subscription: "typed" })).toBe("broker-refused");
    expect(await state({ type: "exclusive", subscription: "alone" })).toBeUndefined();
    expect(await state({ type: "exclusive", subscription: "alone" })).toBe("broker-refused");
  });

  it("signs in by token, and says when that is over or not enough", async () => {
    if (tokenKey === "") throw new Error("PULSAR_TOKEN_KEY is not set: this test makes tokens of its own");
    const topic = await makePlain();
    const withToken = (token: string) => openSubject("failover", undefined, token).transport;
    const good = withToken(makeToken(tokenKey, "anyone"));
    const expired = withToken(makeToken(tokenKey, "anyone", -60_000));
    const weak = withToken(makeToken(tokenKey, "nobody"));
    try {
      expect(await good.test()).toMatch(/^Pulsar \d/);
      expect(await write(topic, makeNumbered(0, 1), good)).toMatchObject([{ verdict: "done" }]);
      await expect(expired.test()).rejects.toMatchObject({ reason: { message: expect.stringContaining("token") } });
      for (const [through, words] of [
        [expired, "Put a new one"],
        [weak, "Grant it"],
      ] as const) {
        expect(await write(topic, makeNumbered(1, 1), through)).toMatchObject([
          {
            verdict: "retry",
            of: "dependency",
            cause: { code: "broker-refused", message: expect.stringContaining(words) },
          },
        ]);
        const receiver = await consume(topic, {}, through);
        await until(() => receiver.causes.includes("broker-refused"));
      }
    } finally {
      for (const each of [good, expired, weak]) await each.close();
    }
  });

  it("lets large messages in one by one when nobody takes them", async () => {
    const topic = await makePlain();
    const large = makeMessage({ key: null, value: "x".repeat(1_000_000), headers: [] });
    for (let index = 0; index < 4; index++)
      await write(
        topic,
        Array.from({ length: 5 }, () => large),
      );
    const receiver = new Receiver();
    receiver.held = () => true;
    receiver.source = await transport.port.consume({ ...defaults, topic, signal: receiver.abort.signal }, receiver);
    opened.push({ stop: () => stop(receiver) });
    await until(() => receiver.received.length > 0);
    receiver.letGo();
    await until(() => receiver.received.length === 20);
  });
});
