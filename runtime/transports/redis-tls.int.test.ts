import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonCodec } from "../../flow/codecs/json";
import { findAnyPort } from "../../scripts/network.mjs";
import { startRedis, startSentinel } from "../../scripts/services/redis.mjs";
import { makeMessage, makeNumbered, Receiver, readNumber, until } from "./conformance";
import { type Authority, makeAuthority } from "./own-authority";
import { openQueue } from "./queue";
import { openRedis } from "./redis";
import { refusalOf } from "./refusal-of";

/** Servers whose certificate comes from an authority that no system knows: one server, a cluster of one, a primary behind a sentinel. */
const closing: (() => Promise<unknown>)[] = [];
const run = promisify(execFile);
const environment = { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" };
const never = new AbortController().signal;
let dir: string;
let ours: Authority;
let theirs: Authority;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "millrace-redis-tls-"));
  closing.push(() => rm(dir, { recursive: true, force: true }));
  ours = await makeAuthority(dir);
  theirs = await makeAuthority(dir, "another-authority");
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

interface Certified {
  /** Without TLS: how the test itself asks. */
  readonly plainPort: number;
  readonly tlsPort: number;
}

/** A server with a certificate that has these names. */
async function start(title: string, names: string[], settings: Record<string, string | number> = {}) {
  const files = await ours.sign(title, names);
  const [plainPort, tlsPort] = [await findAnyPort(), await findAnyPort()];
  const tls = {
    "tls-port": tlsPort,
    "tls-cert-file": files.certificate,
    "tls-key-file": files.key,
    "tls-ca-cert-file": ours.file,
    "tls-auth-clients": "no",
  };
  const server = await startRedis({ dir: join(dir, title), port: plainPort, settings: { ...tls, ...settings } });
  closing.push(() => server.stop());
  return { plainPort, tlsPort, tls };
}

function openStreams(config: Record<string, unknown>) {
  return openRedis({ name: "redis", config, secrets: {}, environment, log: () => {} });
}

function openJobs(config: Record<string, unknown>) {
  return openQueue({ name: "queue", config, secrets: {}, environment, log: () => {} });
}

/** Numbered entries through a sink and a source. */
async function passThrough(redis: ReturnType<typeof openStreams>): Promise<void> {
  const receiver = new Receiver();
  try {
    const entries = makeNumbered(0, 200).map(({ key, value, headers }) => ({ stream: "orders", key, value, headers }));
    const verdicts = await redis.port.add(entries, { partitions: 1, layout: "message" }, never);
    expect(verdicts.filter(({ verdict }) => verdict !== "done")).toEqual([]);
    receiver.source = await redis.port.consume(
      {
        node: "in",
        stream: "orders",
        partitions: 1,
        sharing: "one-worker",
        group: "millrace.test.flow.in",
        ownName: "",
        fallback: "earliest",
        start: { from: "kind" },
        onGap: "halt",
        maxDeliveries: 10,
        layout: "message",
        codec: jsonCodec,
        signal: receiver.abort.signal,
      },
      receiver,
    );
    await until(() => receiver.received.length === 200);
    expect(receiver.received.map(readNumber)).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect(receiver.problems).toEqual([]);
  } finally {
    receiver.abort.abort();
    await receiver.source?.stop();
    await redis.close();
  }
}

const kinds = [
  ["redis streams", openStreams],
  ["bullmq", openJobs],
] as const;

describe("one server", () => {
  let one: Certified;
  let elsewhere: Certified;
  beforeAll(async () => {
    one = await start("one", ["DNS:localhost"]);
    elsewhere = await start("elsewhere", ["DNS:redis.example"]);
  });

  it("carries entries through a sink and a source", async () => {
    const redis = openStreams({ url: `rediss://localhost:${one.tlsPort}`, certificate: ours.certificate });
    expect(await redis.test()).toMatch(/^Redis \d/);
    await passThrough(redis);
  });

  it("carries jobs through a sink and a source, and tells of their ends", async () => {
    const queue = openJobs({ url: `rediss://localhost:${one.tlsPort}/1`, certificate: ours.certificate });
    const receiver = new Receiver();
    try {
      expect(await queue.test()).toMatch(/^Redis \d/);
      const jobs = makeNumbered(0, 50).map((message) => ({ name: "job", message }));
      const verdicts = await queue.port.add("orders", jobs, never);
      expect(verdicts.filter(({ verdict }) => verdict !== "done")).toEqual([]);
      const consume = { node: "in", queue: "orders", concurrency: 5, codec: jsonCodec, signal: receiver.abort.signal };
      receiver.source = await queue.port.consume(consume, receiver);
      await until(() => receiver.numbers.size === 50);
      // What waits for a job's end listens on a connection of its own.
      const message = makeMessage({ key: null, value: '{"n":50}', headers: [] });
      await queue.port.add("asked", [{ name: "job", message, jobId: "asked-1" }], never);
      const asked = new Receiver();
      const ends = queue.port.awaitResult("asked", "asked-1", never);
      asked.source = await queue.port.consume({ ...consume, queue: "asked", signal: asked.abort.signal }, asked);
      expect(await ends).toBeDefined();
      asked.abort.abort();
      await asked.source.stop();
    } finally {
      receiver.abort.abort();
      await receiver.source?.stop();
      await queue.close();
    }
  });

  it.each(kinds)("names the certificate and what to do about it: %s", async (_, open) => {
    const url = `rediss://localhost:${one.tlsPort}`;
    const untrusted =
      /^Redis at localhost:\d+ cannot be reached: its certificate is not trusted\. .*Certificate authority/;
    expect(await refusalOf(open({ url }))).toMatch(untrusted);
    expect(await refusalOf(open({ url, certificate: theirs.certificate }))).toMatch(untrusted);
  });

  it.each(kinds)("names the host that a certificate is not for: %s", async (_, open) => {
    const url = `rediss://localhost:${elsewhere.tlsPort}`;
    expect(await refusalOf(open({ url, certificate: ours.certificate }))).toContain(
      "its certificate does not name localhost but redis.example.",
    );
  });

  it.each(kinds)("waits for nothing when one side speaks TLS and the other does not: %s", async (_, open) => {
    const { certificate } = ours;
    const refusals = [
      await refusalOf(open({ url: `rediss://localhost:${one.plainPort}`, certificate })),
      await refusalOf(open({ url: `redis://localhost:${one.tlsPort}` })),
    ];
    for (const words of refusals) expect(words).toMatch(/cannot be reached: (the connection broke|it did not answer)/);
  });
});

it("does not get into a server that asks for a certificate of the client, and says so where the server does", async () => {
  const strict = await start("strict", ["DNS:localhost"], { "tls-auth-clients": "yes" });
  const redis = openStreams({ url: `rediss://localhost:${strict.tlsPort}`, certificate: ours.certificate });
  // By TLS 1.3 it is told after the connection was made, and may be lost when that breaks.
  expect(await refusalOf(redis)).toMatch(/it asks for a certificate of the client|the connection broke/);
});

it("knows the nodes of a cluster by their names", async () => {
  const { plainPort, tlsPort } = await start("cluster", ["DNS:localhost"], {
    "cluster-enabled": "yes",
    "cluster-port": await findAnyPort(),
    "tls-cluster": "yes",
    "cluster-announce-hostname": "localhost",
    "cluster-preferred-endpoint-type": "hostname",
  });
  await run("redis-cli", ["-p", `${plainPort}`, "cluster", "addslotsrange", "0", "16383"]);
  const config = { mode: "cluster", url: `rediss://localhost:${tlsPort}`, certificate: ours.certificate };
  const info = async () => (await run("redis-cli", ["-p", `${plainPort}`, "cluster", "info"])).stdout;
  for (const end = Date.now() + 20_000; !(await info()).includes("cluster_state:ok"); )
    if (Date.now() > end) throw new Error("the cluster is not formed");
  await passThrough(openStreams(config));
});

it("asks sentinels by TLS, too, and the primary that they tell of", async () => {
  const { tlsPort, tls } = await start("primary", ["IP:127.0.0.1", "DNS:localhost"]);
  const [port, sentinelTls] = [await findAnyPort(), await findAnyPort()];
  await mkdir(join(dir, "sentinel"));
  const settings = Object.entries({ ...tls, "tls-port": sentinelTls, "tls-replication": "yes" }).map((each) =>
    each.join(" "),
  );
  const primary = { name: "orders", port: tlsPort };
  const sentinel = await startSentinel({ dir: join(dir, "sentinel"), port, primary, settings });
  closing.push(() => sentinel.stop());
  const config = { mode: "sentinel", url: `rediss://localhost:${sentinelTls}`, primary: "orders" };
  expect(await refusalOf(openStreams(config))).toMatch(/^The sentinels at .*its certificate is not trusted/);
  await passThrough(openStreams({ ...config, certificate: ours.certificate }));
});
