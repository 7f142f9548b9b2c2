import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Header } from "../../flow/message";
import type { DeadLetter } from "../dead-letter";
import type { DeadLetterStore } from "../delivery";
import type { Claim, RedriveStore, StoredLetter } from "../redrive";
import { shortenPosition } from "./position";

/** A statement carries at most this many rows or bytes: dead letters hold whole messages. */
const maxRows = 200;
const maxBytes = 8_000_000;

/** Dead letters in Postgres, each known by the place it came from: the same message failing again is the same row. */
export class PostgresDeadLetters implements DeadLetterStore, RedriveStore {
  constructor(
    readonly pool: pg.Pool,
    readonly workerId: string,
  ) {}

  async keep(letters: readonly DeadLetter[]): Promise<void> {
    for (const part of splitParts(dropRepeated(letters))) await this.#upsert(part);
  }

  async claim({ environment, flowId, limit, staleAfterMs, inHand }: Claim): Promise<StoredLetter[]> {
    const { rows } = await this.pool.query<LetterRow>(
      `UPDATE "DeadLetter" SET state = 'sending', sends = sends + 1, "claimedBy" = $3, "claimedAt" = ${utcNow}, "updatedAt" = ${utcNow}
       WHERE id IN (
         SELECT id FROM "DeadLetter" letter
         WHERE environment = $1 AND "flowId" = $2 AND (state = 'queued' OR (
           state = 'sending' AND CASE WHEN "claimedBy" = $3 THEN NOT id = ANY($6) ELSE
             "claimedAt" < ${utcNow} - $5 * interval '1 millisecond' AND NOT EXISTS (
               SELECT 1 FROM "Worker" WHERE "Worker".id = letter."claimedBy"
               AND "heartbeatAt" > ${utcNow} - $5 * interval '1 millisecond') END))
         ORDER BY "createdAt", id LIMIT $4 FOR UPDATE SKIP LOCKED)
       RETURNING id, node, source, lane, position, part, key, value, headers, codec, "sourceKey", "sourceValue", "sourceHeaders",
         "editedValue", "editedFor", attempts, target, "createdAt", extract(epoch FROM timestamp) * 1000 AS "timestampMs"`,
      [environment, flowId, this.workerId, limit, staleAfterMs, inHand],
    );
    // RETURNING keeps no order.
    return rows.sort((left, right) => Number(left.createdAt) - Number(right.createdAt)).map(readLetter);
  }

  /** Ends a claim as sent; a letter that failed again is `waiting` by then and stays so. */
  async markSent(ids: readonly string[]): Promise<void> {
    await this.#endClaim(ids, "sent", null);
  }

  async handBack(ids: readonly string[]): Promise<void> {
    await this.#endClaim(ids, "queued", null);
  }

  async refuse(ids: readonly string[], reason: string): Promise<void> {
    await this.#endClaim(ids, "waiting", reason);
  }

  async #endClaim(ids: readonly string[], state: string, reason: string | null): Promise<void> {
    await this.pool.query(
      `UPDATE "DeadLetter" SET state = $2, reason = coalesce($3, reason), "claimedBy" = NULL, "claimedAt" = NULL, "updatedAt" = ${utcNow}
       WHERE id = ANY($1) AND state = 'sending' AND "claimedBy" = $4`,
      [ids, state, reason, this.workerId],
    );
  }

  async #upsert(letters: readonly DeadLetter[]): Promise<void> {
    const resent = letters.flatMap((letter) => letter.resentFrom ?? []);
    const column = <Value>(read: (letter: DeadLetter) => Value) => letters.map(read);
    await this.pool.query(
      `INSERT INTO "DeadLetter" (id, environment, "flowId", flow, version, node, source, lane, position, part,
         "causeCode", "causeMessage", "causeDetail", fingerprint, key, value, headers, codec, timestamp,
         "sourceKey", "sourceValue", "sourceHeaders", attempts, "runId", "traceId", state, "createdAt", "failedAt", "updatedAt")
       SELECT id, environment, "flowId", flow, version, node, source, lane, position, part,
         "causeCode", "causeMessage", "causeDetail", fingerprint, key, value, headers::jsonb, codec, timestamp::timestamp,
         "sourceKey", "sourceValue", "sourceHeaders"::jsonb, attempts, "runId", "traceId", 'waiting', ${utcNow}, ${utcNow}, ${utcNow}
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
         $11::text[], $12::text[], $13::text[], $14::text[], $15::bytea[], $16::bytea[], $17::text[], $18::text[], $19::text[],
         $20::bytea[], $21::bytea[], $22::text[], $23::int[], $24::text[], $25::text[])
         AS new (id, environment, "flowId", flow, version, node, source, lane, position, part,
         "causeCode", "causeMessage", "causeDetail", fingerprint, key, value, headers, codec, timestamp,
         "sourceKey", "sourceValue", "sourceHeaders", attempts, "runId", "traceId")
       ON CONFLICT (environment, "flowId", node, source, lane, position, part) DO UPDATE SET
         flow = excluded.flow, version = excluded.version, "causeCode" = excluded."causeCode",
         "causeMessage" = excluded."causeMessage", "causeDetail" = excluded."causeDetail", fingerprint = excluded.fingerprint,
         ${keptColumns.map((name) => `${name} = CASE WHEN "DeadLetter".id = ANY($27) THEN "DeadLetter".${name} ELSE excluded.${name} END`).join(", ")},
         attempts = excluded.attempts, "runId" = excluded."runId", "traceId" = excluded."traceId",
         reason = NULL, "claimedBy" = NULL, "claimedAt" = NULL,
         "failedAt" = excluded."failedAt", "updatedAt" = excluded."updatedAt", state = 'waiting'
       -- While a person's redrive is on its way, the source bringing the same message once more changes nothing.
       WHERE "DeadLetter".state NOT IN ('queued', 'sending') OR $26`,
      [
        column(() => randomUUID()),
        column((letter) => letter.environment),
        column((letter) => letter.flowId),
        column((letter) => letter.flow),
        column((letter) => letter.version),
        column((letter) => letter.node),
        column((letter) => letter.source),
        column((letter) => withoutNul(letter.lane)),
        column((letter) => shortenPosition(withoutNul(letter.position))),
        column((letter) => letter.part),
        column((letter) => letter.cause.code),
        column((letter) => withoutNul(letter.cause.message)),
        column((letter) => (letter.cause.detail === undefined ? null : withoutNul(letter.cause.detail))),
        column((letter) => letter.fingerprint),
        column((letter) => toBuffer(letter.key)),
        column((letter) => toBuffer(letter.value)),
        column((letter) => writeHeaders(letter.headers)),
        column((letter) => letter.codec),
        column((letter) => new Date(letter.timestamp).toISOString()),
        column((letter) => toBuffer(letter.original?.key ?? null)),
        column((letter) => toBuffer(letter.original?.value ?? null)),
        column((letter) => (letter.original ? writeHeaders(letter.original.headers) : null)),
        column((letter) => letter.attempts),
        column((letter) => letter.runId),
        column((letter) => letter.traceId),
        // A flight carries either what its source brought or one letter that is sent again.
        resent.length > 0,
        resent,
      ],
    );
  }
}

/** Columns hold UTC without a zone, as Prisma writes them. */
const utcNow = `(now() AT TIME ZONE 'UTC')`;

/**
 * What a letter that was sent again and failed again keeps of the first time: its bytes are the evidence, whatever was sent in their
 * place. Any other message at the same place brings its own, and no edit (`excluded` has none).
 */
const keptColumns = ["key", "value", "headers", "codec"].concat(
  ["sourceKey", "sourceValue", "sourceHeaders", "editedValue", "editedFor"].map((name) => `"${name}"`),
);

interface LetterRow {
  id: string;
  node: string;
  source: string;
  lane: string;
  position: string;
  part: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: [string, string][];
  codec: string;
  sourceKey: Buffer | null;
  sourceValue: Buffer | null;
  sourceHeaders: [string, string][] | null;
  editedValue: Buffer | null;
  editedFor: string | null;
  attempts: number;
  target: string | null;
  createdAt: Date;
  timestampMs: string;
}

function readLetter(row: LetterRow): StoredLetter {
  const { id, node, source, lane, position, part, key, value, codec, attempts } = row;
  const original = row.sourceHeaders
    ? { key: row.sourceKey, value: row.sourceValue, headers: readHeaders(row.sourceHeaders) }
    : undefined;
  const target = row.target === "source" ? "source" : "node";
  return {
    id,
    node,
    place: { source, lane, position, part },
    key,
    value,
    headers: readHeaders(row.headers),
    codec,
    attempts,
    timestamp: Number(row.timestampMs),
    target,
    ...(original ? { original } : {}),
    ...(row.editedFor === target ? { edited: { value: row.editedValue } } : {}),
  };
}

/** One statement may touch a row once: of equal places the last one stands. */
function dropRepeated(letters: readonly DeadLetter[]): DeadLetter[] {
  const byPlace = new Map(
    letters.map((letter) => [
      [letter.flowId, letter.node, letter.source, letter.lane, letter.position, letter.part].join("\n"),
      letter,
    ]),
  );
  return [...byPlace.values()];
}

function* splitParts(letters: readonly DeadLetter[]): Generator<DeadLetter[]> {
  let part: DeadLetter[] = [];
  let bytes = 0;
  for (const letter of letters) {
    const size = (letter.value?.length ?? 0) + (letter.original?.value?.length ?? 0);
    if (part.length >= maxRows || (part.length > 0 && bytes + size > maxBytes)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(letter);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

function toBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeHeaders(headers: readonly Header[]): string {
  return JSON.stringify(headers.map(([name, value]) => [withoutNul(name), Buffer.from(value).toString("base64")]));
}

function readHeaders(headers: readonly [string, string][]): Header[] {
  return headers.map(([name, value]) => [name, Buffer.from(value, "base64")]);
}

/** Postgres keeps no NUL in text. */
function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}
