import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeploymentLive } from "../../flow/control";
import { createDatabase } from "../../prisma/client";
import { unpackRunDetail } from "../../prisma/run-detail";
import type { DeadLetter } from "../dead-letter";
import type { RunRecord } from "../run-record";
import { silent } from "../testing";
import { PostgresDeadLetters } from "./dead-letters";
import { PostgresHistory } from "./history";
import { PostgresLeases } from "./leases";
import { writeByteaArray } from "./message-columns";
import { Presence } from "./presence";
import { PostgresRedrives } from "./redrives";
import { PostgresRuns, tendRunPartitions } from "./runs";
import { openTestDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.drop());

const bytes = (text: string) => new TextEncoder().encode(text);
const presence = (id: string) =>
  new Presence(database.pool, {
    id,
    environment: "default",
    host: "here",
    pid: 1,
    version: "1",
    label: null,
    address: "http://127.0.0.1:1",
  });

function makeLetter(change: Partial<DeadLetter> = {}): DeadLetter {
  return {
    environment: "default",
    flowId: "flow-1",
    flow: "orders",
    version: 2,
    node: "call",
    source: "in",
    lane: "orders/0",
    position: "17",
    part: "0",
    cause: { code: "http-status", message: "The endpoint answered 422.", detail: "no\0stock" },
    fingerprint: "f",
    key: bytes("k"),
    value: new Uint8Array([0, 255, 1]),
    headers: [
      ["a", bytes("1")],
      ["a", new Uint8Array([0, 200])],
    ],
    codec: "json",
    timestamp: 1_700_000_000_123,
    attempts: 3,
    runId: "run-1",
    traceId: "trace-1",
    ...change,
  };
}

describe("dead letters", () => {
  const store = () => new PostgresDeadLetters(database.pool);
  const redrives = (worker = "worker-1") => new PostgresRedrives(database.pool, worker);
  const claim = async (worker = "worker-1", inHand: string[] = []) =>
    (
      await redrives(worker).claim({
        environment: "default",
        flowId: "flow-1",
        limit: 10,
        staleAfterMs: 15_000,
        inHand,
      })
    ).letters;
  const read = () => database.prisma.deadLetter.findMany({ orderBy: { createdAt: "asc" } });
  const queue = () => database.prisma.deadLetter.updateMany({ data: { state: "queued", target: "node" } });

  beforeEach(() => database.pool.query(`TRUNCATE "DeadLetter", "Worker"`));

  test("keep their bytes, headers and cause whole, a tombstone apart from an empty value", async () => {
    const original = { key: null, value: bytes("before"), headers: [] };
    await store().keep([
      makeLetter({ original }),
      makeLetter({ position: "18", value: null }),
      makeLetter({ position: "19", value: new Uint8Array() }),
    ]);
    const [whole, tombstone, empty] = await read();
    expect(Buffer.from(whole!.value!)).toEqual(Buffer.from([0, 255, 1]));
    expect(whole!.headers).toEqual([
      ["a", "MQ=="],
      ["a", "AMg="],
    ]);
    expect(whole).toMatchObject({
      state: "waiting",
      attempts: 3,
      causeDetail: "nostock",
      sourceKey: null,
      sourceHeaders: [],
    });
    expect(Buffer.from(whole!.sourceValue!).toString()).toBe("before");
    expect(whole!.timestamp.getTime()).toBe(1_700_000_000_123);
    expect(Math.abs(whole!.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect(tombstone!.value).toBeNull();
    expect(tombstone!.sourceHeaders).toBeNull();
    expect(empty!.value).toHaveLength(0);
  });

  test("the same message failing again is the same row, with the newer cause", async () => {
    await store().keep([makeLetter()]);
    await store().keep([
      makeLetter({ cause: { code: "http-status", message: "Later." }, attempts: 1 }),
      makeLetter({ part: "0.1" }),
    ]);
    const rows = await read();
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ causeMessage: "Later.", causeDetail: null, attempts: 1 });
  });

  test("a place may have any id that another application gave, and its time is UTC whatever the database's zone", async () => {
    const position = `\0${randomBytes(4_000).toString("hex")}`;
    await database.pool.query(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET timezone TO 'Asia/Tokyo'`);
    const abroad = createDatabase(database.url, { maxConnections: 1 });
    const letters = new PostgresDeadLetters(abroad.pool);
    await letters.keep([makeLetter({ position })]);
    await letters.keep([makeLetter({ position, attempts: 9 })]);
    await abroad.close();
    await database.pool.query(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} RESET timezone`);
    const rows = await database.prisma.deadLetter.findMany({ where: { lane: makeLetter().lane } });
    expect(rows.map((row) => row.attempts)).toEqual([9]);
    expect(Math.abs(Date.now() - rows[0]!.createdAt.getTime())).toBeLessThan(60_000);
  });

  test("a batch that names one place twice, and a large one, are stored", async () => {
    await store().keep([makeLetter(), makeLetter({ attempts: 9 })]);
    expect((await read())[0]!.attempts).toBe(9);
    await store().keep(Array.from({ length: 450 }, (_, index) => makeLetter({ position: `many-${index}` })));
    expect(await read()).toHaveLength(451);
  });

  test("are claimed once by one of several workers, and end as sent", async () => {
    await store().keep(Array.from({ length: 8 }, (_, index) => makeLetter({ position: String(index) })));
    await queue();
    const claims = await Promise.all([claim("worker-1"), claim("worker-2")]);
    const ids = claims.flat().map((letter) => letter.id);
    expect(new Set(ids).size).toBe(8);
    expect(ids).toHaveLength(8);
    const [letter] = claims.flat();
    expect(letter).toMatchObject({
      node: "call",
      codec: "json",
      attempts: 3,
      target: "node",
      timestamp: 1_700_000_000_123,
    });
    expect(Buffer.from(letter!.value!)).toEqual(Buffer.from([0, 255, 1]));
    expect(Buffer.from(letter!.headers[1]![1])).toEqual(Buffer.from([0, 200]));
    await redrives("worker-1").markSent(
      claims[0]!.map(({ id }) => id),
      [],
    );
    await redrives("worker-2").markSent(
      claims[1]!.map(({ id }) => id),
      [],
    );
    const rows = await read();
    expect(rows.every((row) => row.state === "sent" && row.sends === 1 && row.claimedBy === null)).toBe(true);
  });

  test("sent again and failed again: waiting, with the new cause, and marking it sent changes nothing", async () => {
    await store().keep([makeLetter()]);
    await queue();
    const [letter] = await claim();
    await store().keep([
      makeLetter({ attempts: 4, cause: { code: "http-status", message: "Again." }, resentFrom: letter!.id }),
    ]);
    await redrives().markSent([letter!.id], []);
    const rows = await read();
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      id: letter!.id,
      state: "waiting",
      attempts: 4,
      causeMessage: "Again.",
      claimedBy: null,
    });
  });

  test("sent again as edited and failed again: what reached the node first stays, beside what was sent", async () => {
    await store().keep([makeLetter()]);
    await database.prisma.deadLetter.updateMany({
      data: {
        ...{ state: "queued", target: "node", editedValue: Buffer.from("mended"), editedFor: "node" },
        ...{ editedKey: null, editedHeaders: [["to", Buffer.from("north").toString("base64")]] },
      },
    });
    const [before] = await read();
    const [letter] = await claim();
    expect(Buffer.from(letter!.edited!.value!).toString()).toBe("mended");
    expect(letter!.edited).toMatchObject({ key: null, headers: [["to", Buffer.from("north")]] });
    expect(Buffer.from(letter!.value!)).toEqual(Buffer.from([0, 255, 1]));
    await store().keep([makeLetter({ value: bytes("mended"), attempts: 4, resentFrom: letter!.id })]);
    const [row] = await read();
    expect(Buffer.from(row!.value!)).toEqual(Buffer.from([0, 255, 1]));
    expect(Buffer.from(row!.editedValue!).toString()).toBe("mended");
    expect(row).toMatchObject({ state: "waiting", attempts: 4, sends: 1, createdAt: before!.createdAt });
    expect(row!.editedHeaders).toEqual(before!.editedHeaders);
    expect(row!.failedAt!.getTime()).toBeGreaterThan(before!.failedAt!.getTime());
  });

  test("another message at the same place brings its own bytes, and no edit", async () => {
    await store().keep([makeLetter()]);
    await database.prisma.deadLetter.updateMany({ data: { editedValue: Buffer.from("mended"), editedFor: "node" } });
    await store().keep([makeLetter({ value: bytes("other") })]);
    const [row] = await read();
    expect(Buffer.from(row!.value!).toString()).toBe("other");
    expect(row).toMatchObject({ editedValue: null, editedFor: null });
  });

  test("an edit for the source is not what is sent to the node", async () => {
    await store().keep([makeLetter()]);
    await database.prisma.deadLetter.updateMany({ data: { editedValue: null, editedFor: "source" } });
    await queue();
    expect((await claim())[0]).toMatchObject({ target: "node", edited: { target: "source" } });
    await database.prisma.deadLetter.updateMany({ data: { state: "queued", target: "source" } });
    expect((await claim())[0]).toMatchObject({ target: "source", edited: { target: "source", value: null } });
  });

  test("on its way again, the source bringing the same message once more changes nothing", async () => {
    await store().keep([makeLetter()]);
    await queue();
    await claim();
    await store().keep([makeLetter({ attempts: 1 })]);
    expect((await read())[0]).toMatchObject({ state: "sending", attempts: 3 });
  });

  test("of a worker that is gone are taken over; of one that lives they are not", async () => {
    await store().keep([makeLetter()]);
    await queue();
    await presence("worker-1").beat({});
    expect(await claim("worker-1")).toHaveLength(1);
    await database.pool.query(`UPDATE "DeadLetter" SET "claimedAt" = "claimedAt" - interval '1 minute'`);
    expect(await claim("worker-2")).toEqual([]);
    await database.pool.query(`UPDATE "Worker" SET "heartbeatAt" = "heartbeatAt" - interval '1 minute'`);
    expect(await claim("worker-2")).toHaveLength(1);
  });

  test("of this worker that it has not in hand are taken up again; those in hand are not", async () => {
    await store().keep([makeLetter()]);
    await queue();
    const [letter] = await claim();
    expect(await claim("worker-1", [letter!.id])).toEqual([]);
    expect(await claim("worker-1")).toHaveLength(1);
    await redrives().handBack([letter!.id]);
    expect((await read())[0]!.state).toBe("queued");
    await claim();
    await redrives().refuse([letter!.id], "No such node.");
    expect((await read())[0]).toMatchObject({ state: "waiting", reason: "No such node." });
  });
});

describe("lists of bytes as a parameter", () => {
  test.each([
    ["none", []],
    ["any bytes, none and nothing at all", [new Uint8Array(randomBytes(3_000)), null, new Uint8Array(0), bytes("ä")]],
    ["a part of a larger piece", [new Uint8Array(randomBytes(64)).subarray(7, 21)]],
  ])("arrive as they are: %s", async (_, list) => {
    const { rows } = await database.pool.query<{ one: Buffer | null }>(
      "SELECT one FROM unnest($1::bytea[]) WITH ORDINALITY AS each (one, place) ORDER BY place",
      [writeByteaArray(list)],
    );
    expect(rows.map(({ one }) => one && new Uint8Array(one))).toEqual(list);
  });
});

describe("leases", () => {
  const key = { environment: "default", flowId: "flow-1", node: "clock", generation: 1 };
  const leases = (worker: string) => new PostgresLeases(database.pool, worker);
  beforeEach(() => database.pool.query(`TRUNCATE "Lease"`));

  test("one worker holds it, another takes over when it ran out, and the old epoch counts no more", async () => {
    const first = await leases("one").acquire(key, 5_000);
    expect(first).toEqual({ epoch: 1n, counter: 0n });
    expect(await leases("two").acquire(key, 5_000)).toBeUndefined();
    expect(await leases("one").renew(key, 1n, 41n, 5_000)).toBe(true);
    await database.pool.query(`UPDATE "Lease" SET "expiresAt" = "expiresAt" - interval '1 minute'`);
    expect(await leases("two").acquire(key, 5_000)).toEqual({ epoch: 2n, counter: 41n });
    expect(await leases("one").renew(key, 1n, 99n, 5_000)).toBe(false);
    await leases("one").release(key, 1n, 99n);
    expect(await leases("one").acquire(key, 5_000)).toBeUndefined();
  });

  test("freed, it is there at once, with its counter; a new generation counts anew", async () => {
    const big = 9_007_199_254_740_993n;
    await leases("one").acquire(key, 5_000);
    await leases("one").release(key, 1n, big);
    expect(await leases("two").acquire(key, 5_000)).toEqual({ epoch: 2n, counter: big });
    await leases("two").release(key, 2n, big);
    expect(await leases("one").acquire({ ...key, generation: 2 }, 5_000)).toEqual({ epoch: 3n, counter: 0n });
  });
});

describe("presence", () => {
  test("a worker beats, tells how its deployments fare, leaves; dead ones are forgotten", async () => {
    const live: DeploymentLive = { state: "running", version: 1, revision: 1, nodes: {}, lanes: [], tracesDropped: 0 };
    const here = presence("here");
    await here.beat({ memoryBytes: 1 });
    await here.writeLive([{ deploymentId: "d", live }]);
    await here.writeLive([{ deploymentId: "d", live: { ...live, revision: 2 } }]);
    const worker = await database.prisma.worker.findUniqueOrThrow({ where: { id: "here" } });
    expect(Math.abs(worker.heartbeatAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect(worker.health).toEqual({ memoryBytes: 1 });
    expect(await database.prisma.liveCount.findMany()).toMatchObject([{ workerId: "here", live: { revision: 2 } }]);

    await presence("dead").beat({});
    await presence("dead").writeLive([{ deploymentId: "d", live }]);
    await database.pool.query(
      `UPDATE "Worker" SET "heartbeatAt" = "heartbeatAt" - interval '2 hours' WHERE id = 'dead'`,
    );
    await here.forgetDead();
    expect(await database.prisma.worker.count()).toBe(1);
    expect(await database.prisma.liveCount.count()).toBe(1);
    await here.leave();
    expect(await database.prisma.worker.count()).toBe(0);
    expect(await database.prisma.liveCount.count()).toBe(0);
  });
});

describe("runs", () => {
  const makeRun = (id: string, startedAt: number): RunRecord => ({
    id,
    startedAt,
    environment: "default",
    flowId: "flow-1",
    flow: "orders",
    version: 1,
    traceId: "t",
    parentSpan: null,
    spanId: "s",
    source: "in",
    lane: "orders/0",
    position: "1",
    key: "k-1",
    state: "done",
    durationMs: 1.5,
    attempts: 1,
    errorNode: null,
    errorCode: null,
    error: null,
    detail: { steps: [], payloads: [{ key: "k-1", headers: [], value: "{}", encoding: "text", truncated: false }] },
    values: [["key", "k-1"]],
  });

  test("are written in bulk into their day, with searchable values; written twice they are there once", async () => {
    const now = Date.now();
    const runs = [
      makeRun("00000000-0000-4000-8000-000000000001", now),
      makeRun("00000000-0000-4000-8000-000000000002", now),
    ];
    const store = new PostgresRuns(database.pool, "worker-1");
    await store.write(runs);
    await store.write(runs);
    const rows = await database.prisma.run.findMany({ orderBy: { id: "asc" } });
    expect(rows).toHaveLength(2);
    expect(rows[0]!.startedAt.getTime()).toBe(now);
    expect(unpackRunDetail(rows[0]!.detail)).toEqual(runs[0]!.detail);
    expect(await database.prisma.runValue.count({ where: { name: "key", value: "k-1" } })).toBe(2);
    const { rows: places } = await database.pool.query<{ place: string }>(
      `SELECT tableoid::regclass::text AS place FROM "Run"`,
    );
    expect(places[0]!.place).toBe(`"Run_${new Date(now).toISOString().slice(0, 10).replaceAll("-", "")}"`);
  });

  test("partitions are kept ahead, and dropped past retention", async () => {
    const count = async () => {
      const { rows } = await database.pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_class WHERE relkind = 'r' AND relname ~ '^Run_[0-9]{8}$'`,
      );
      return rows[0]!.n;
    };
    await database.pool.query(
      `CREATE TABLE "Run_20200101" PARTITION OF "Run" FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')`,
    );
    const before = await count();
    const end = tendRunPartitions(database.pool, { keepRunsDays: 7, keepRunsBytes: undefined }, silent);
    await expect.poll(count, { timeout: 5_000 }).toBe(before - 1);
    end();
    expect(before - 1).toBe(4);
  });
});

test("history adds up what workers did in a step, at its slowest, and forgets what is past its time", async () => {
  const history = new PostgresHistory(database.pool);
  const delta = { deploymentId: "d", node: "sink", version: 3, messages: 5, failed: 1, retried: 0, dead: 0 };
  // Of two workers at once, in opposite orders.
  const other = { ...delta, node: "map", messages: 2 };
  await Promise.all([
    history.add([{ ...delta, p95Ms: 4 }, other], [60, 3_600]),
    history.add([other, { ...delta, p95Ms: 9 }], [60, 3_600]),
  ]);
  await history.add([delta], [3_600]);
  const rows = await database.prisma.nodeHistory.findMany({ where: { node: "sink" }, orderBy: { stepSeconds: "asc" } });
  expect(rows.at(-1)).toMatchObject({ stepSeconds: 3_600, messages: 15n, failed: 3n, p95Ms: 9, version: 3 });
  expect(rows.at(-1)!.at.getTime() % 3_600_000).toBe(0);
  await database.prisma.nodeHistory.updateMany({
    where: { stepSeconds: 60 },
    data: { at: new Date(Date.now() - 3_600_000) },
  });
  await history.forget([
    { seconds: 60, keptSeconds: 1_800 },
    { seconds: 3_600, keptSeconds: 86_400 },
  ]);
  expect(await database.prisma.nodeHistory.count({ where: { stepSeconds: 60 } })).toBe(0);
  expect(await database.prisma.nodeHistory.count({ where: { stepSeconds: 3_600 } })).toBeGreaterThan(0);
});
