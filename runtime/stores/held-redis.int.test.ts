import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HeldRow, HeldStore } from "../../flow/holding";
import { heldIdOf } from "../../prisma/held-id";
import { findAnyPort } from "../../scripts/network.mjs";
import { type RedisServer, startRedis } from "../../scripts/services/redis.mjs";
import { openQueue } from "../transports/queue";
import { describeHeldStore } from "./held-conformance";
import { RedisHeldStore } from "./held-redis";

const { REDIS_URL: redisUrl, DATABASE_URL: databaseUrl = "" } = process.env;
if (redisUrl === undefined) throw new Error("REDIS_URL is not set: these tests need a real Redis");

const opened: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(opened.map((transport) => transport.close())));

function openTransport(url: string | undefined) {
  const environment = { kafkaBrokers: undefined, redisUrl: url, databaseUrl };
  const transport = openQueue({ name: "queue", config: {}, secrets: {}, environment, log: () => {} });
  opened.push(transport);
  return transport;
}

const workers = [openTransport(redisUrl), openTransport(redisUrl)];
const name = `test-${randomUUID()}`;
let turn = 0;
describeHeldStore("in Redis", { open: () => new RedisHeldStore(workers[turn++ % 2]!.redis!(), name) });

describe("what is held in a Redis of its own", () => {
  const scope = { environment: "default", flowId: "f" };
  let folder: string;
  let server: RedisServer;
  let plain: Redis;
  let store: HeldStore;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-held-"));
    server = await startRedis({ dir: folder, port: await findAnyPort(), durable: "always" });
    plain = new Redis(server.url, { maxRetriesPerRequest: null });
    plain.on("error", () => {});
    store = new RedisHeldStore(openTransport(server.url).redis!());
  });
  afterAll(async () => {
    plain?.disconnect();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const makeRow = (key: string, steps: string[], revision = 1): HeldRow => ({
    ...scope,
    id: heldIdOf(scope, "start", key),
    node: "start",
    kind: "saga",
    key,
    version: 1,
    revision,
    status: "running",
    steps,
    dueAt: 1,
    awaits: [],
    content: new Uint8Array(500),
    error: null,
    traceId: null,
    createdAt: 1,
    updatedAt: 1,
    endedAt: null,
    expiresAt: null,
  });

  it("is there after a kill, each group of writes whole", async () => {
    const keys = Array.from({ length: 50 }, (_, index) => `o-${index}`);
    const rows = (round: number) => keys.map((key) => ({ write: makeRow(key, [`r-${round}`], round) }));
    let answered = 0;
    const ended = (async () => {
      for (let round = 1; ; round++) {
        await store.write(rows(round));
        answered = round;
      }
    })().catch((error: Error) => error);
    await expect.poll(() => answered, { timeout: 30_000 }).toBeGreaterThan(20);
    await server.kill();
    expect(await ended).toMatchObject({ reason: { code: "broker-unreachable" } });
    await server.start();
    const read = await readAgain();
    const kept = new Set(read.map((row) => row?.revision));
    expect(kept.size).toBe(1);
    expect([answered, answered + 1]).toContain([...kept][0]);
    const due = await store.takeDue(scope, { kind: "saga", now: 1, limit: 100, leaseMs: 1_000 });
    expect(new Set(due.map(({ key }) => key)).size).toBe(50);

    async function readAgain(): Promise<(HeldRow | null)[]> {
      for (const until = Date.now() + 20_000; ; ) {
        try {
          return await store.read(rows(1).map(({ write }) => write.id));
        } catch (error) {
          if (Date.now() > until) throw error;
        }
      }
    }
  });

  it("is refused where it would be lost, with the way out, and taken once that is mended", async () => {
    const fresh = () => new RedisHeldStore(openTransport(server.url).redis!());
    const write = (to: HeldStore) => to.write([{ write: makeRow("refused", []) }]);
    await plain.config("SET", "appendonly", "no");
    await expect(write(fresh())).rejects.toMatchObject({
      reason: {
        code: "store-forgets",
        message: `Redis at 127.0.0.1:${server.port} writes no append-only file, and would lose what the flow holds: set \`appendonly yes\` and \`appendfsync always\` there, or let the flow hold in Postgres.`,
      },
    });
    expect(await plain.keys("*refused*")).toEqual([]);
    await plain.config("SET", "appendonly", "yes");
    await plain.config("SET", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lru");
    await expect(write(fresh())).rejects.toThrow("maxmemory-policy noeviction");
    await plain.config("SET", "maxmemory-policy", "noeviction");
    expect(await write(fresh())).toEqual(["written"]);
  });

  it("is refused while Redis is full, and nothing of a group is written", async () => {
    await plain.config("SET", "maxmemory", "1");
    await expect(store.write([{ write: makeRow("full", []) }])).rejects.toThrow("is full (maxmemory)");
    await plain.config("SET", "maxmemory", "0");
    expect(await store.read([makeRow("full", []).id])).toEqual([null]);
  });

  it("is told to be away where nobody answers, and to be nowhere without Redis", async () => {
    const away = new RedisHeldStore(openTransport("redis://127.0.0.1:1").redis!());
    await expect(away.read([makeRow("a", []).id])).rejects.toMatchObject({ reason: { code: "broker-unreachable" } });
    expect(() => openTransport(undefined).redis!()).toThrow(
      "There is no Redis behind the connection queue: give it an address, or start the worker with REDIS_URL.",
    );
  });
});
