import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { jsonCodec } from "../../flow/codecs/json";
import type { Verdict } from "../../flow/verdict";
import { findAnyPort } from "../../scripts/network.mjs";
import { type RedisServer, startRedis, startSentinel } from "../../scripts/services/redis.mjs";
import { TransportError } from "../transport";
import { makeNumbered, pause, Receiver, until } from "./conformance";
import { openRedis } from "./redis";

/**
 * A primary, its replica and a sentinel of their own. Redis copies to its replicas after it has answered: what they do not have yet when the
 * primary dies is lost, and here it is counted to the last entry.
 */
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Scene {
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  /** Of the sentinel. */
  readonly port: number;
}

async function start(
  settings: { primary?: Record<string, string | readonly string[]>; both?: Record<string, string> } = {},
): Promise<Scene> {
  const dir = await mkdtemp(join(tmpdir(), "millrace-sentinel-"));
  closing.push(() => rm(dir, { recursive: true, force: true }));
  const common = { "repl-diskless-sync-delay": 0, ...settings.both };
  const run = async (name: string, more: Record<string, string | readonly string[]>) => {
    const options = { dir: join(dir, name), port: await findAnyPort(), settings: { ...common, ...more } };
    const server = await startRedis(options);
    closing.push(() => server.stop());
    return server;
  };
  const primary = await run("primary", settings.primary ?? {});
  const replica = await run("replica", { replicaof: ["127.0.0.1", `${primary.port}`] });
  await untilTold(replica, "replication", /master_link_status:up/);
  const port = await findAnyPort();
  const sentinel = await startSentinel({
    dir: join(dir, "sentinel"),
    port,
    primary: { name: "orders", port: primary.port },
  });
  closing.push(() => sentinel.stop());
  await withPlain(port, async (client) => {
    await waitFor("the sentinel to know the replica", async () => {
      const replicas = (await client.call("SENTINEL", "replicas", "orders")) as string[][];
      return replicas.some((fields) => fields.includes(`${replica.port}`) && fields.includes("ok"));
    });
  });
  return { primary, replica, port };
}

async function withPlain<Result>(port: number, work: (client: Redis) => Promise<Result>): Promise<Result> {
  const client = new Redis({ port, host: "127.0.0.1", protocol: 2, maxRetriesPerRequest: 0 });
  client.on("error", () => {});
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

async function waitFor(what: string, condition: () => Promise<boolean>, ms = 60_000): Promise<void> {
  for (const end = Date.now() + ms; !(await condition()); await pause(50))
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
}

const untilTold = ({ port }: { port: number }, section: string, words: RegExp) =>
  withPlain(port, (client) => waitFor(`${words}`, async () => words.test(await client.info(section).catch(() => ""))));

/** Until the replica has all that the primary wrote so far. */
async function untilCopied({ primary, replica }: Scene): Promise<void> {
  const offset = async ({ port }: RedisServer, field: string) =>
    withPlain(port, async (client) =>
      Number(new RegExp(`${field}:(\\d+)`).exec(await client.info("replication"))?.[1]),
    );
  const written = await offset(primary, "master_repl_offset");
  await waitFor("the replica", async () => (await offset(replica, "slave_repl_offset")) >= written);
}

/** The replica stands still and its connection is gone: what the primary takes from now on it has alone. */
async function cutOff({ primary, replica }: Scene): Promise<void> {
  replica.pause();
  await withPlain(primary.port, (client) => client.call("CLIENT", "KILL", "TYPE", "replica"));
}

function open(url: string, primary = "orders") {
  const redis = openRedis({
    name: "redis",
    config: { mode: "sentinel", url, primary },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
  closing.push(() => redis.close());
  return redis;
}
type Streams = ReturnType<typeof open>;

async function add(redis: Streams, from: number, count: number): Promise<Verdict[]> {
  const entries = makeNumbered(from, count).map(({ key, value, headers }) => ({ stream: "out", key, value, headers }));
  return redis.port.add(entries, { partitions: 1, layout: "message" }, new AbortController().signal);
}

/** As the engine does: tried again until it is done. */
async function addSurely(redis: Streams, from: number, count: number): Promise<void> {
  await waitFor("the sink", async () => (await add(redis, from, count)).every(({ verdict }) => verdict === "done"));
}

async function consume(redis: Streams): Promise<Receiver> {
  const receiver = new Receiver();
  receiver.source = await redis.port.consume(
    {
      node: "in",
      stream: "out",
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
  closing.push(async () => {
    receiver.abort.abort();
    await receiver.source?.stop();
  });
  return receiver;
}

/** The numbers in the stream of a server, in order. */
const stored = (port: number) =>
  withPlain(port, async (client) => {
    const entries = await client.xrange("out", "-", "+");
    return entries.map(([, fields]) => (JSON.parse(fields[fields.indexOf("value") + 1]!) as { n: number }).n);
  });

const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

async function messageOf(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    (told) => new Error(`it said: ${told}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TransportError);
  return (error as TransportError).message;
}

it("goes on with the replica when the primary is killed; what is lost is what the primary had alone", async () => {
  const scene = await start();
  const redis = open(`redis://127.0.0.1:${scene.port}`);
  expect(await redis.test()).toMatch(/^Redis \d/);
  const receiver = await consume(redis);
  await addSurely(redis, 0, 300);
  await until(() => receiver.numbers.size === 300);
  await untilCopied(scene);
  await cutOff(scene);
  expect((await add(redis, 300, 50)).every(({ verdict }) => verdict === "done")).toBe(true);
  await scene.primary.kill();
  scene.replica.resume();

  // Nobody helps: it is tried again, as the engine does.
  await addSurely(redis, 350, 100);
  await until(() => range(350, 100).every((n) => receiver.numbers.has(n)), 30_000);
  const kept = await stored(scene.replica.port);
  const lost = range(0, 450).filter((n) => !kept.includes(n));
  expect(lost).toEqual(range(300, 50));
  // A batch whose answer was lost with the connection may be there twice; none was on its way when it broke.
  expect(kept).toEqual([...range(0, 300), ...range(350, 100)]);
  expect(receiver.problems).toEqual([]);
});

it("holds while a primary has no replica, where that is to take nothing, and loses nothing of what was done", async () => {
  const scene = await start({ both: { "min-replicas-to-write": "1", "min-replicas-max-lag": "10" } });
  const redis = open(`redis://127.0.0.1:${scene.port}`);
  const receiver = await consume(redis);
  await addSurely(redis, 0, 300);
  await untilCopied(scene);
  await cutOff(scene);
  const [verdict] = await add(redis, 300, 50);
  expect(verdict).toMatchObject({
    verdict: "retry",
    of: "dependency",
    cause: { code: "broker-refused", message: expect.stringContaining("too few replicas") },
  });
  await scene.primary.kill();
  scene.replica.resume();
  await untilTold(scene.replica, "replication", /role:master/);
  // The new primary has no replica until the old one is back as that.
  await scene.primary.start();
  await addSurely(redis, 300, 50);
  await until(() => range(0, 350).every((n) => receiver.numbers.has(n)), 30_000);
  expect(await stored(scene.replica.port)).toEqual(range(0, 350));
});

it("leaves a primary that was replaced and goes on answering", async () => {
  // It cannot be made a replica, so nothing but the sentinels' word tells that it is not the primary any more.
  const scene = await start({ primary: { "rename-command": ["SLAVEOF", "no-such-command"] } });
  const redis = open(`redis://127.0.0.1:${scene.port}`);
  const receiver = await consume(redis);
  await addSurely(redis, 0, 100);
  await untilCopied(scene);
  await withPlain(scene.port, (client) => client.call("SENTINEL", "FAILOVER", "orders"));
  await untilTold(scene.replica, "replication", /role:master/);
  let n = 100;
  await waitFor("the sink to write to the new primary", async () => {
    await add(redis, n++, 1);
    return (await stored(scene.replica.port)).length > 100;
  });
  await addSurely(redis, 1_000, 100);
  await until(() => range(1_000, 100).every((each) => receiver.numbers.has(each)));
  expect(await stored(scene.replica.port)).toEqual(expect.arrayContaining(range(1_000, 100)));
  await untilTold(scene.primary, "replication", /role:master/);
});

it("says that the sentinels do not know the name, and which sentinels", async () => {
  const scene = await start();
  const wrong = open(`redis://127.0.0.1:${scene.port}`, "invoices");
  const words = await messageOf(wrong.test());
  expect(words).toBe(
    `The sentinels at 127.0.0.1:${scene.port} know no primary \`invoices\`. Correct *Name of the primary* of the connection, or let them monitor one of that name.`,
  );
  const [verdict] = await add(wrong, 0, 1);
  expect(verdict).toMatchObject({ verdict: "retry", of: "dependency", cause: { code: "broker-refused" } });

  const nobody = await findAnyPort();
  expect(await messageOf(open(`redis://127.0.0.1:${nobody}`).test())).toContain(
    `The sentinels at 127.0.0.1:${nobody} cannot be reached: the connection was refused.`,
  );
  // One that is away and one that is silent are passed over.
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  closing.push(async () => silent.close());
  const { port } = silent.address() as { port: number };
  const third = open(`redis://127.0.0.1:${nobody},127.0.0.1:${port},127.0.0.1:${scene.port}`);
  await waitFor(
    "the third sentinel",
    () =>
      third.test().then(
        () => true,
        () => false,
      ),
    10_000,
  );
});
