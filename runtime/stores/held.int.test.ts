import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HeldRow } from "../../flow/holding";
import { heldIdOf } from "../../prisma/held-id";
import { PostgresHeldStore } from "./held";
import { describeHeldStore } from "./held-conformance";
import { openTestDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.drop());

describeHeldStore("in Postgres", { open: () => new PostgresHeldStore(database.pool) });

describe("what is held in Postgres", () => {
  const scope = { environment: "default", flowId: "f" };
  const makeRow = (key: string, change: Partial<HeldRow> = {}): HeldRow => ({
    ...scope,
    id: heldIdOf(scope, "start", key),
    node: "start",
    kind: "saga",
    key,
    version: 1,
    revision: 1,
    status: "running",
    steps: ["reserve"],
    dueAt: 10,
    awaits: [],
    content: new Uint8Array(1_000),
    error: null,
    traceId: null,
    createdAt: 1,
    updatedAt: 1,
    endedAt: null,
    expiresAt: null,
    ...change,
  });
  const write = (rows: readonly HeldRow[]) =>
    new PostgresHeldStore(database.pool).write(rows.map((row) => ({ write: row })));

  it("writes a call whole or not at all", async () => {
    const [known, fresh] = [makeRow("known"), makeRow("fresh")];
    await write([known]);
    const broken = { ...makeRow("broken"), id: "no id" };
    await expect(write([fresh, { ...known, revision: 2 }, broken])).rejects.toThrow();
    const read = await new PostgresHeldStore(database.pool).read([known.id, fresh.id]);
    expect(read.map((row) => row?.revision ?? null)).toEqual([1, null]);
  });

  it("touches no index when a saga takes a step, and finds by one what is due, awaited, listed", async () => {
    const rows = Array.from({ length: 2_000 }, (_, index) =>
      makeRow(`o-${index}`, { flowId: `f-${index % 20}`, awaits: [`paid ${index}`], createdAt: index }),
    );
    await write(rows);
    for (let from = 0; from < rows.length; from += 100)
      await write(rows.slice(from, from + 100).map((row) => ({ ...row, revision: 2, steps: ["charge"] })));
    await database.pool.query(`SELECT pg_stat_force_next_flush()`).catch(() => {});
    const count = async () => {
      const { rows: stats } = await database.pool.query<{ hot: number }>(
        `SELECT n_tup_hot_upd::float8 AS hot FROM pg_stat_user_tables WHERE relname = 'Held'`,
      );
      return stats[0]!.hot;
    };
    await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(1_800);

    await database.pool.query(`ANALYZE "Held"`);
    const explain = async (text: string, values: unknown[]) =>
      (await database.pool.query<{ "QUERY PLAN": string }>(`EXPLAIN ${text}`, values)).rows
        .map((row) => row["QUERY PLAN"])
        .join("\n");
    expect(
      await explain(
        `SELECT id FROM "Held" WHERE environment = $1 AND "flowId" = $2 AND kind = $3 AND "dueAt" <= $4 ORDER BY "dueAt" LIMIT 10`,
        ["default", "f-3", "saga", new Date(20)],
      ),
    ).toContain("Held_environment_flowId_kind_dueAt_idx");
    expect(
      await explain(`SELECT id FROM "Held" WHERE awaits && $1::text[] AND awaits <> '{}'`, [["paid 7"]]),
    ).toContain("Held_awaits_idx");
    expect(await explain(`SELECT id FROM "Held" WHERE environment = $1 AND key = $2`, ["default", "o-7"])).toContain(
      "Held_environment_key_idx",
    );
  });
});
