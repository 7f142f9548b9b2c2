import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ParkedMessage } from "../parking";
import { PostgresParked } from "./parked";
import { openTestDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.drop());
beforeEach(() => database.pool.query(`TRUNCATE "Parked", "Worker"`));

const bytes = (text: string) => new TextEncoder().encode(text);
const store = (worker = "worker-1") => new PostgresParked(database.pool, worker);
const lanes = [{ source: "in", lane: "orders/0" }];
const claim = (worker = "worker-1", inHand: string[] = []) =>
  store(worker).claim({ environment: "default", flowId: "flow-1", lanes, limit: 10, inHand });
const beat = (id: string) =>
  database.pool.query(
    `INSERT INTO "Worker" (id, host, pid, version, address, "heartbeatAt") VALUES ($1, 'h', 1, '1', 'a', now() AT TIME ZONE 'UTC')`,
    [id],
  );

function makeParked(id: string, change: Partial<ParkedMessage> = {}): ParkedMessage {
  return {
    id,
    orderKey: "kA",
    dueAt: null,
    environment: "default",
    flowId: "flow-1",
    flow: "orders",
    version: 1,
    node: "call",
    source: "in",
    lane: "orders/0",
    position: id,
    part: "0",
    cause: { code: "http-status", message: "The endpoint answered 500." },
    fingerprint: "f",
    key: bytes("A"),
    value: new Uint8Array([0, 255]),
    headers: [["a", new Uint8Array([0, 200])]],
    codec: "json",
    timestamp: 1_700_000_000_123,
    attempts: 1,
    runId: "run",
    traceId: null,
    ...change,
  };
}

test("one of a key at a time, the first first, when it is due, with its bytes whole", async () => {
  const later = Date.now() + 60_000;
  await store().park([makeParked("1", { dueAt: later }), makeParked("2"), makeParked("3", { orderKey: "kB" })]);
  expect((await claim()).map(({ id }) => id)).toEqual(["3"]);
  await database.pool.query(`UPDATE "Parked" SET "dueAt" = now() AT TIME ZONE 'UTC' WHERE id = '1'`);
  const [due] = await claim("worker-1", ["3"]);
  expect(due).toMatchObject({
    id: "1",
    node: "call",
    place: { source: "in", lane: "orders/0", position: "1", part: "0" },
  });
  expect(due).toMatchObject({ attempts: 1, timestamp: 1_700_000_000_123, orderKey: "kA" });
  expect(Buffer.from(due!.value!)).toEqual(Buffer.from([0, 255]));
  expect(due!.headers).toEqual([["a", Buffer.from([0, 200])]]);
  expect(await store().remove(["1"])).toEqual(["1"]);
  expect((await claim("worker-1", ["3"])).map(({ id }) => id)).toEqual(["2"]);
});

test("a message that comes once more is not parked twice; its own later try waits anew and is not removed", async () => {
  expect(await store().park([makeParked("1")])).toEqual(new Set(["1"]));
  expect(await store().park([makeParked("other", { position: "1" })])).toEqual(new Set());
  await claim();
  const dueAt = Date.now() + 60_000;
  expect(await store().park([makeParked("1", { attempts: 2, dueAt })])).toEqual(new Set());
  expect(await store().remove(["1"])).toEqual([]);
  const { rows } = await database.pool.query(`SELECT attempts, "dueAt" FROM "Parked"`);
  expect(rows).toHaveLength(1);
  expect(rows[0].attempts).toBe(2);
  expect(await store().count("default", "flow-1", "in", "orders/0")).toEqual([
    { node: "call", source: "in", lane: "orders/0", orderKey: "kA", count: 1 },
  ]);
});

test("what a living worker has in hand is left to it; what a dead one had goes to the next", async () => {
  await beat("worker-1");
  await store("worker-1").park([makeParked("1")]);
  expect(await claim("worker-2")).toEqual([]);
  await database.pool.query(`UPDATE "Worker" SET "heartbeatAt" = "heartbeatAt" - interval '1 minute'`);
  expect((await claim("worker-2")).map(({ id }) => id)).toEqual(["1"]);
  await store("worker-2").handBack(["1"]);
  expect((await claim("worker-1")).map(({ id }) => id)).toEqual(["1"]);
});

test("what is given up is claimed at once, wherever it stands in its key, unless another worker has it in hand", async () => {
  await beat("worker-1");
  const later = Date.now() + 60_000;
  const cause = { code: "http-status", message: "The endpoint answered 500.", detail: "no stock" };
  await store().park([makeParked("1", { dueAt: later }), makeParked("2", { cause, traceId: "t" }), makeParked("3")]);
  await database.pool.query(`UPDATE "Parked" SET "giveUp" = true WHERE id = '2'`);
  expect(await claim("worker-2")).toEqual([]);
  const claimed = await claim("worker-1");
  expect(claimed).toMatchObject([{ id: "2", giveUp: true, cause, runId: "run", traceId: "t" }]);
  expect(await claim("worker-1", ["2"])).toEqual([]);
  expect(await store().remove(["2"])).toEqual(["2"]);
});
