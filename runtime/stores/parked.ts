import type pg from "pg";
import { readHeaders } from "../../prisma/read-letter";
import type { DueMessage, DueStore } from "../parked-source";
import type { ParkedCount, ParkedMessage, ParkingStore } from "../parking";
import { utcNow } from "./clock";
import { withoutNul, writeByteaArray, writeHeaders } from "./message-columns";
import { shortenPosition } from "./position";

/** A worker without a heartbeat for this long has left its messages to the next. */
const staleAfterMs = 15_000;

/** Parked messages in Postgres. */
export class PostgresParked implements ParkingStore, DueStore {
  constructor(
    readonly pool: pg.Pool,
    readonly workerId: string,
  ) {}

  async park(messages: readonly ParkedMessage[]): Promise<Set<string>> {
    const column = <Value>(read: (message: ParkedMessage) => Value) => messages.map(read);
    const { rows } = await this.pool.query<{ id: string; isNew: boolean }>(
      `INSERT INTO "Parked" (id, environment, "flowId", node, source, lane, position, part, "orderKey", "dueAt", attempts, "causeCode",
         "causeMessage", key, value, headers, codec, timestamp, "sourceKey", "sourceValue", "sourceHeaders", "causeDetail", "runId", "traceId",
         "claimedBy", "createdAt")
       SELECT id, environment, "flowId", node, source, lane, position, part, "orderKey", "dueAt"::timestamp, attempts, "causeCode",
         "causeMessage", key, value, headers::jsonb, codec, timestamp::timestamp, "sourceKey", "sourceValue", "sourceHeaders"::jsonb,
         "causeDetail", "runId", "traceId", $25, ${utcNow}
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
         $10::text[], $11::int[], $12::text[], $13::text[], $14::bytea[], $15::bytea[], $16::text[], $17::text[], $18::text[],
         $19::bytea[], $20::bytea[], $21::text[], $22::text[], $23::text[], $24::text[])
         AS new (id, environment, "flowId", node, source, lane, position, part, "orderKey", "dueAt", attempts, "causeCode",
         "causeMessage", key, value, headers, codec, timestamp, "sourceKey", "sourceValue", "sourceHeaders", "causeDetail", "runId", "traceId")
       ON CONFLICT (environment, "flowId", node, source, lane, position, part) DO UPDATE SET
         "dueAt" = excluded."dueAt", attempts = excluded.attempts, "causeCode" = excluded."causeCode",
         "causeMessage" = excluded."causeMessage", "causeDetail" = excluded."causeDetail", "runId" = excluded."runId",
         "traceId" = excluded."traceId", "claimedBy" = NULL
       -- Its own later try failed again; the source bringing the same message once more changes nothing.
       WHERE "Parked".id = excluded.id
       RETURNING id, xmax = 0 AS "isNew"`,
      [
        column((message) => message.id),
        column((message) => message.environment),
        column((message) => message.flowId),
        column((message) => message.node),
        column((message) => message.source),
        column((message) => withoutNul(message.lane)),
        column((message) => shortenPosition(withoutNul(message.position))),
        column((message) => message.part),
        column((message) => message.orderKey),
        column((message) => (message.dueAt === null ? null : new Date(message.dueAt).toISOString())),
        column((message) => message.attempts),
        column((message) => message.cause.code),
        column((message) => withoutNul(message.cause.message)),
        writeByteaArray(column((message) => message.key)),
        writeByteaArray(column((message) => message.value)),
        column((message) => writeHeaders(message.headers)),
        column((message) => message.codec),
        column((message) => new Date(message.timestamp).toISOString()),
        writeByteaArray(column((message) => message.original?.key ?? null)),
        writeByteaArray(column((message) => message.original?.value ?? null)),
        column((message) => (message.original ? writeHeaders(message.original.headers) : null)),
        column((message) => (message.cause.detail === undefined ? null : withoutNul(message.cause.detail))),
        column((message) => message.runId),
        column((message) => message.traceId),
        this.workerId,
      ],
    );
    return new Set(rows.flatMap(({ id, isNew }) => (isNew ? [id] : [])));
  }

  async count(environment: string, flowId: string, source: string, lane: string): Promise<ParkedCount[]> {
    const { rows } = await this.pool.query<ParkedCount & { count: string }>(
      `SELECT node, source, lane, "orderKey", count(*) AS count FROM "Parked"
       WHERE environment = $1 AND "flowId" = $2 AND source = $3 AND lane = $4 GROUP BY node, source, lane, "orderKey"`,
      [environment, flowId, source, withoutNul(lane)],
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  async claim({ environment, flowId, lanes, limit, inHand }: Parameters<DueStore["claim"]>[0]): Promise<DueMessage[]> {
    const { rows } = await this.pool.query<DueRow>(
      `WITH own AS (
         SELECT parked.id, parked.seq, parked."dueAt", parked."claimedBy", parked."giveUp",
           row_number() OVER (PARTITION BY source, lane, node, "orderKey" ORDER BY seq) = 1 AS "isFirst"
         FROM "Parked" parked JOIN unnest($3::text[], $4::text[]) AS own (source, lane) USING (source, lane)
         WHERE environment = $1 AND "flowId" = $2)
       UPDATE "Parked" SET "claimedBy" = $5 WHERE id IN (
         SELECT id FROM "Parked" WHERE id IN (
           -- What is given up is not worked and need not wait for what is before it.
           SELECT id FROM own WHERE ("giveUp" OR ("isFirst" AND ("dueAt" IS NULL OR "dueAt" <= ${utcNow}))) AND NOT id = ANY($6)
             AND ("claimedBy" IS NULL OR "claimedBy" = $5 OR NOT EXISTS (
               SELECT 1 FROM "Worker" WHERE "Worker".id = "claimedBy" AND "heartbeatAt" > ${utcNow} - $7 * interval '1 millisecond'))
           ORDER BY seq LIMIT $8)
         FOR UPDATE SKIP LOCKED)
       RETURNING id, node, source, lane, position, part, "orderKey", attempts, key, value, headers, codec, "giveUp",
         "causeCode", "causeMessage", "causeDetail", "runId", "traceId",
         "sourceKey", "sourceValue", "sourceHeaders", extract(epoch FROM timestamp) * 1000 AS "timestampMs"`,
      [
        environment,
        flowId,
        lanes.map(({ source }) => source),
        lanes.map(({ lane }) => withoutNul(lane)),
        this.workerId,
        inHand,
        staleAfterMs,
        limit,
      ],
    );
    return rows.map(readRow);
  }

  async remove(ids: readonly string[]): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `DELETE FROM "Parked" WHERE id = ANY($1) AND "claimedBy" = $2 RETURNING id`,
      [ids, this.workerId],
    );
    return rows.map(({ id }) => id);
  }

  async handBack(ids: readonly string[]): Promise<void> {
    await this.pool.query(`UPDATE "Parked" SET "claimedBy" = NULL WHERE id = ANY($1) AND "claimedBy" = $2`, [
      ids,
      this.workerId,
    ]);
  }
}

interface DueRow {
  id: string;
  node: string;
  source: string;
  lane: string;
  position: string;
  part: string;
  orderKey: string;
  attempts: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: [string, string][];
  codec: string;
  giveUp: boolean;
  causeCode: string;
  causeMessage: string;
  causeDetail: string | null;
  runId: string | null;
  traceId: string | null;
  sourceKey: Buffer | null;
  sourceValue: Buffer | null;
  sourceHeaders: [string, string][] | null;
  timestampMs: string;
}

function readRow(row: DueRow): DueMessage {
  const { id, node, source, lane, position, part, orderKey, attempts, key, value, codec, giveUp, runId, traceId } = row;
  const cause = { code: row.causeCode, message: row.causeMessage };
  const original = row.sourceHeaders
    ? { key: row.sourceKey, value: row.sourceValue, headers: readHeaders(row.sourceHeaders) }
    : undefined;
  return {
    id,
    node,
    place: { source, lane, position, part },
    orderKey,
    attempts,
    key,
    value,
    headers: readHeaders(row.headers),
    codec,
    timestamp: Number(row.timestampMs),
    cause: row.causeDetail === null ? cause : { ...cause, detail: row.causeDetail },
    runId,
    traceId,
    giveUp,
    ...(original ? { original } : {}),
  };
}
