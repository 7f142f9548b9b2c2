/**
 * What flows hold back, in Postgres: a row each, and a row for what came too early.
 *
 * - **One statement a call**, hundreds of rows each: rows are begun, then locked in the order of their ids, then changed and removed. So no
 *   two calls lock each other out, and `takeDue` waits for nobody.
 * - **Writes**: a saga of three steps is written five times. Only the first and those that change its status, what it awaits or when it is due
 *   touch an index (`0009_held`); whoever has it in hand leaves `dueAt` as it is while its lease has time.
 * - **What came too early**: each side writes first and looks then, in statements of their own. Whoever is second sees the other.
 */
import type pg from "pg";
import { answerChanges, sumUpChanges } from "../../flow/held-changes";
import {
  type HeldCount,
  type HeldPage,
  type HeldSearch,
  openStatuses,
  readPlace,
  writePlace,
} from "../../flow/held-search";
import type { Arrival, DueOptions, HeldChange, HeldRow, HeldScope, HeldStore, StandingCount } from "../../flow/holding";
import {
  type RowRecord,
  readRow,
  readSummary,
  rowColumns,
  type SummaryRecord,
  summaryColumns,
  toIndexed,
  toMs,
  toTimestamp,
} from "./held-columns";
import { writeHeld } from "./held-write";
import { writeByteaArray } from "./message-columns";

const forgetAtOnce = 2_000;

export class PostgresHeldStore implements HeldStore {
  constructor(readonly pool: pg.Pool) {}

  async write(changes: readonly HeldChange[]): Promise<("written" | "conflict")[]> {
    if (changes.length === 0) return [];
    const steps = sumUpChanges(changes);
    const { rows } = await this.pool.query<{ id: string }>(writeHeld(steps));
    return answerChanges(changes, steps, new Set(rows.map(({ id }) => id)));
  }

  async read(ids: readonly string[]): Promise<(HeldRow | null)[]> {
    if (ids.length === 0) return [];
    const { rows } = await this.pool.query<RowRecord>(
      `SELECT ${rowColumns} FROM "Held" AS held WHERE id = ANY($1::uuid[])`,
      [ids],
    );
    const found = new Map(rows.map((row) => [row.id, readRow(row)]));
    return ids.map((id) => found.get(id) ?? null);
  }

  async takeDue({ environment, flowId }: HeldScope, { kind, now, limit, leaseMs }: DueOptions): Promise<HeldRow[]> {
    const { rows } = await this.pool.query<RowRecord & { wasDueAt: number }>(
      `WITH due AS MATERIALIZED (
         SELECT id, "dueAt" FROM "Held" WHERE environment = $1 AND "flowId" = $2 AND kind = $3 AND "dueAt" <= $4::timestamp
         ORDER BY "dueAt" LIMIT $5 FOR UPDATE SKIP LOCKED)
       UPDATE "Held" AS held SET "dueAt" = $6::timestamp FROM due WHERE held.id = due.id
       RETURNING ${rowColumns}, ${toMs(`due."dueAt"`)} AS "wasDueAt"`,
      [environment, flowId, kind, toTimestamp(now), limit, toTimestamp(now + leaseMs)],
    );
    return rows.sort((one, other) => one.wasDueAt - other.wasDueAt).map(readRow);
  }

  async setDue(
    entries: readonly { readonly id: string; readonly revision: number; readonly dueAt: number | null }[],
  ): Promise<void> {
    if (entries.length === 0) return;
    // The last word on a row counts.
    const last = [...new Map(entries.map((entry) => [`${entry.id} ${entry.revision}`, entry])).values()];
    await this.pool.query(
      `WITH locked AS MATERIALIZED (
         SELECT id, revision FROM "Held" WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE)
       UPDATE "Held" AS held SET "dueAt" = new."dueAt"::timestamp
       FROM unnest($1::uuid[], $2::int[], $3::text[]) AS new (id, revision, "dueAt")
         JOIN locked ON locked.id = new.id AND locked.revision = new.revision
       WHERE held.id = new.id AND held."dueAt" IS DISTINCT FROM new."dueAt"::timestamp`,
      [last.map(({ id }) => id), last.map(({ revision }) => revision), last.map(({ dueAt }) => toTimestamp(dueAt))],
    );
  }

  async findAwaiting(
    { environment, flowId }: HeldScope,
    addresses: readonly string[],
  ): Promise<{ address: string; id: string }[]> {
    if (addresses.length === 0) return [];
    const asked = new Map(addresses.map((address) => [toIndexed(address), address]));
    const { rows } = await this.pool.query<{ address: string; id: string }>(
      `SELECT awaited.address, held.id FROM "Held" AS held, unnest(held.awaits) AS awaited (address)
       WHERE held.awaits && $3::text[] AND held.awaits <> '{}' AND held.environment = $1 AND held."flowId" = $2
         AND awaited.address = ANY($3::text[])
       ORDER BY held."createdAt", held.id`,
      [environment, flowId, [...asked.keys()]],
    );
    return rows.map(({ address, id }) => ({ address: asked.get(address)!, id }));
  }

  async keepArrivals(arrivals: readonly Arrival[]): Promise<void> {
    if (arrivals.length === 0) return;
    await this.pool.query(
      `INSERT INTO "HeldArrival" (id, environment, "flowId", address, content, "createdAt", "expiresAt")
       SELECT id, environment, "flowId", address, content, "createdAt"::timestamp, "expiresAt"::timestamp
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::text[])
         AS new (id, environment, "flowId", address, content, "createdAt", "expiresAt")
       ORDER BY id ON CONFLICT (id) DO NOTHING`,
      [
        arrivals.map(({ id }) => id),
        arrivals.map(({ environment }) => environment),
        arrivals.map(({ flowId }) => flowId),
        arrivals.map(({ address }) => toIndexed(address)),
        writeByteaArray(arrivals.map(({ content }) => content)),
        arrivals.map(({ createdAt }) => toTimestamp(createdAt)),
        arrivals.map(({ expiresAt }) => toTimestamp(expiresAt)),
      ],
    );
  }

  async findArrivals({ environment, flowId }: HeldScope, addresses: readonly string[]): Promise<Arrival[]> {
    if (addresses.length === 0) return [];
    const asked = new Map(addresses.map((address) => [toIndexed(address), address]));
    const { rows } = await this.pool.query<Arrival>(
      `SELECT id, environment, "flowId", address, content, ${toMs(`"createdAt"`)} AS "createdAt", ${toMs(`"expiresAt"`)} AS "expiresAt"
       FROM "HeldArrival" AS arrival WHERE environment = $1 AND "flowId" = $2 AND address = ANY($3::text[])
       ORDER BY arrival."createdAt", id`,
      [environment, flowId, [...asked.keys()]],
    );
    return rows.map((row) => ({ ...row, address: asked.get(row.address)! }));
  }

  async removeArrivals(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.pool.query(
      `DELETE FROM "HeldArrival" WHERE id IN (
         SELECT id FROM "HeldArrival" WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE)`,
      [ids],
    );
  }

  async forgetExpired(now: number): Promise<number> {
    return (await this.#forget("Held", now, `AND "dueAt" IS NULL`)) + (await this.#forget("HeldArrival", now, ""));
  }

  async list(search: HeldSearch): Promise<HeldPage> {
    const values: unknown[] = [];
    const given = (value: unknown) => `$${values.push(value)}`;
    const conditions = [`held.environment = ${given(search.environment)}`];
    if (search.flowId !== undefined) conditions.push(`held."flowId" = ${given(search.flowId)}`);
    if (search.kind !== undefined) conditions.push(`held.kind = ${given(search.kind)}`);
    if (search.statuses !== undefined) conditions.push(`held.status = ANY(${given(search.statuses)}::text[])`);
    if (search.key !== undefined) conditions.push(`held.key = ${given(toIndexed(search.key))}`);
    if (search.step !== undefined) conditions.push(`${given(search.step)} = ANY(held.steps)`);
    if (search.since !== undefined)
      conditions.push(`held."createdAt" >= ${given(toTimestamp(search.since))}::timestamp`);
    if (search.before !== undefined)
      conditions.push(`held."createdAt" < ${given(toTimestamp(search.before))}::timestamp`);
    const from = readPlace(search.from);
    if (from)
      conditions.push(
        `(held."createdAt", held.id) < (${given(toTimestamp(from.createdAt))}::timestamp, ${given(from.id)}::uuid)`,
      );
    const { rows } = await this.pool.query<SummaryRecord>(
      `SELECT ${summaryColumns} FROM "Held" AS held WHERE ${conditions.join(" AND ")}
       ORDER BY held."createdAt" DESC, held.id DESC LIMIT ${given(search.limit + 1)}`,
      values,
    );
    const page = rows.slice(0, search.limit).map(readSummary);
    const last = page.at(-1);
    return { rows: page, next: last && rows.length > search.limit ? writePlace(last) : null };
  }

  async count({ environment, flowId }: HeldScope): Promise<HeldCount[]> {
    const { rows } = await this.pool.query<HeldCount>(
      `SELECT node, version, status, CASE WHEN status = ANY($3::text[]) THEN steps ELSE '{}' END AS steps,
         count(*)::float8 AS count
       FROM "Held" WHERE environment = $1 AND "flowId" = $2 GROUP BY 1, 2, 3, 4`,
      [environment, flowId, openStatuses],
    );
    return rows;
  }

  async countStanding({ environment, flowId }: HeldScope): Promise<StandingCount[]> {
    const { rows } = await this.pool.query<StandingCount>(
      `SELECT step AS node, count(*)::float8 AS count, (count(*) FILTER (WHERE status = 'stuck'))::float8 AS stuck
       FROM "Held", unnest(steps) AS step
       WHERE environment = $1 AND "flowId" = $2 AND status = ANY($3::text[]) GROUP BY step`,
      [environment, flowId, openStatuses],
    );
    return rows;
  }

  async #forget(table: "Held" | "HeldArrival", now: number, condition: string): Promise<number> {
    for (let forgotten = 0; ; ) {
      const { rowCount } = await this.pool.query(
        `DELETE FROM "${table}" WHERE id IN (SELECT id FROM "${table}" WHERE "expiresAt" <= $1::timestamp ${condition}
           ORDER BY "expiresAt" LIMIT $2 FOR UPDATE SKIP LOCKED)`,
        [toTimestamp(now), forgetAtOnce],
      );
      forgotten += rowCount ?? 0;
      if ((rowCount ?? 0) < forgetAtOnce) return forgotten;
    }
  }
}
