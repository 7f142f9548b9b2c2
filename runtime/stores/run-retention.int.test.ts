import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { silent } from "../testing";
import { readFlowRetentions, walkRetention } from "./run-retention";
import { openTestDatabase, type TestDatabase } from "./testing";

const dayMs = 86_400_000;
const now = Date.now();
const startOfDay = (daysAgo: number) => Math.floor(now / dayMs - daysAgo) * dayMs;
const nameOf = (daysAgo: number) => new Date(startOfDay(daysAgo)).toISOString().slice(0, 10).replaceAll("-", "");

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.drop());
beforeEach(async () => {
  await database.pool.query(`TRUNCATE "Run", "RunValue"`);
});

async function makeDay(daysAgo: number): Promise<void> {
  const [first, end] = [daysAgo, daysAgo - 1].map((days) => new Date(startOfDay(days)).toISOString().slice(0, 10));
  for (const parent of ["Run", "RunValue"])
    await database.pool.query(
      `CREATE TABLE IF NOT EXISTS "${parent}_${nameOf(daysAgo)}" PARTITION OF "${parent}" FOR VALUES FROM ('${first}') TO ('${end}')`,
    );
}

/** Runs spread over a day, each with a value. */
async function putRuns(daysAgo: number, flowId: string, count: number, environment = "default"): Promise<void> {
  await database.pool.query(
    `WITH made AS (
       INSERT INTO "Run" (id, "startedAt", environment, "flowId", flow, version, "workerId", "traceId", "spanId", source, lane,
         position, state, "durationMs", attempts, detail)
       SELECT gen_random_uuid(), $1::timestamp + (n % 86400) * interval '1 second', $4, $2, $2, 1, 'w', 't', 's', 'in', 'l', n::text,
         'done', 1, 1, decode(repeat('ab', 200), 'hex') FROM generate_series(1, $3::int) n RETURNING id, "startedAt")
     INSERT INTO "RunValue" ("startedAt", "runId", "flowId", name, value) SELECT "startedAt", id, $2, 'order', id::text FROM made`,
    [new Date(startOfDay(daysAgo)).toISOString(), flowId, count, environment],
  );
}

async function countOf(table: "Run" | "RunValue", flowId: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM "${table}" WHERE "flowId" = $1`,
    [flowId],
  );
  return rows[0]!.n;
}
const both = async (flowId: string) => [await countOf("Run", flowId), await countOf("RunValue", flowId)];
const longer = (days: number, environment = "default") => ({ flowId: "long", environment, days });

describe("runs are kept for the time of their flow", () => {
  it("those that are kept longer stay of a day that goes, found as before, until their time is over, too", async () => {
    await makeDay(10);
    await putRuns(10, "long", 300);
    await putRuns(10, "long", 3, "test");
    await putRuns(10, "usual", 5_000);
    const before = await sizeOf(10);
    const walked = await walkRetention(database.pool, 7, [longer(30)], silent, { now });
    expect(walked).toEqual({ dropped: [], reduced: [nameOf(10)], deleted: 0, more: false });
    expect([await both("long"), await both("usual")]).toEqual([
      [300, 300],
      [0, 0],
    ]);
    expect(await sizeOf(10)).toBeLessThan(before / 4);
    // A partition as it was: with its indexes, and of its parent.
    const { rows } = await database.pool.query<{ place: string; n: number }>(
      `SELECT DISTINCT tableoid::regclass::text AS place FROM "Run"`,
    );
    expect(rows.map(({ place }) => place)).toEqual([`"Run_${nameOf(10)}"`]);
    const indexes = await database.pool.query(
      `SELECT 1 FROM pg_indexes WHERE tablename = ANY($1) GROUP BY tablename HAVING count(*) > 5`,
      [[`Run_${nameOf(10)}`, `Run_${nameOf(0)}`]],
    );
    expect(indexes.rows).toHaveLength(2);
    // Once, not each hour.
    expect(await walkRetention(database.pool, 7, [longer(30)], silent, { now })).toMatchObject({ reduced: [] });
    expect(await walkRetention(database.pool, 7, [longer(9)], silent, { now })).toMatchObject({
      dropped: [nameOf(10)],
    });
    expect(await both("long")).toEqual([0, 0]);
  });

  it("those that came for no day of their own go, too, each flow's at its time", async () => {
    await putRuns(20, "long", 2);
    await putRuns(20, "usual", 3);
    await walkRetention(database.pool, 7, [longer(30)], silent, { now });
    expect([await both("long"), await both("usual")]).toEqual([
      [2, 2],
      [0, 0],
    ]);
  });

  it("those that are kept for less go from days that the others need, in small statements", async () => {
    await makeDay(3);
    await makeDay(1);
    await putRuns(3, "short", 12_000);
    await putRuns(3, "usual", 500);
    await putRuns(1, "short", 10);
    await putRuns(3, "short", 4, "test");
    const short = { flowId: "short", environment: "default", days: 2 };
    const startedAt = performance.now();
    const walking = walkRetention(database.pool, 7, [short], silent, { now });
    // Meanwhile the recorder writes, and another worker leaves it to the first.
    let [slowest, written] = [0, 0];
    while ((await Promise.race([walking, Promise.resolve("going")])) === "going") {
      const from = performance.now();
      await putRuns(0, "usual", 1);
      written++;
      slowest = Math.max(slowest, performance.now() - from);
    }
    expect(await walking).toEqual({ dropped: [], reduced: [], deleted: 12_000, more: false });
    process.stdout.write(
      `    12,000 runs deleted in ${Math.round(performance.now() - startedAt)} ms; ${written} writes meanwhile, the slowest ${Math.round(slowest)} ms\n`,
    );
    expect(written).toBeGreaterThan(3);
    expect(slowest).toBeLessThan(1_000);
    expect(await both("short")).toEqual([14, 14]);
    expect(await countOf("Run", "usual")).toBe(500 + written);
  });

  it("one worker at a time does it, and one that stops leaves the rest", async () => {
    await makeDay(3);
    await putRuns(3, "short", 10_000);
    const short = { flowId: "short", environment: "default", days: 1 };
    const [first, second] = await Promise.all([
      walkRetention(database.pool, 7, [short], silent, { now }),
      walkRetention(database.pool, 7, [short], silent, { now }),
    ]);
    expect([first, second].filter((walked) => walked === null)).toHaveLength(1);
    await putRuns(3, "short", 10_000);
    const signal = AbortSignal.abort();
    expect(await walkRetention(database.pool, 7, [short], silent, { now, signal })).toMatchObject({
      deleted: 0,
      more: true,
    });
  });

  it("late runs, which no day took, go at the same times", async () => {
    await putRuns(40, "long", 2);
    await putRuns(40, "usual", 2);
    await walkRetention(database.pool, 7, [longer(60)], silent, { now });
    expect([await both("long"), await both("usual")]).toEqual([
      [2, 2],
      [0, 0],
    ]);
  });

  it("is read of the deployed version", async () => {
    const { prisma } = database;
    const document = (days: unknown) => ({ settings: { recording: { days } } }) as object;
    const flow = await prisma.flow.create({ data: { name: "kept", title: "Kept", draft: document(1) } });
    for (const [number, days] of [
      [1, 30],
      [2, "many"],
    ] as const)
      await prisma.flowVersion.create({
        data: { flowId: flow.id, number, document: document(days), hash: randomUUID() },
      });
    const base = { flowId: flow.id, groupName: "kept", desired: "stopped", start: {} };
    const { id } = await prisma.deployment.create({ data: { ...base, version: 1 } });
    expect(await readFlowRetentions(database.pool)).toEqual([{ flowId: flow.id, environment: "default", days: 30 }]);
    await prisma.deployment.update({ where: { id }, data: { version: 2 } });
    expect(await readFlowRetentions(database.pool)).toEqual([]);
  });
});

async function sizeOf(daysAgo: number): Promise<number> {
  const { rows } = await database.pool.query<{ bytes: string }>(
    `SELECT pg_total_relation_size('"Run_${nameOf(daysAgo)}"') AS bytes`,
  );
  return Number(rows[0]!.bytes);
}
