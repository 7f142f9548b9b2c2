import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Header } from "../../flow/message";
import { type DeadLetter, deadLetterHeader } from "../dead-letter";
import type { DeadLetterStore } from "../delivery";
import { utcNow } from "./clock";
import { withoutNul, writeByteaArray, writeHeaders } from "./message-columns";
import { shortenPosition } from "./position";

/** A statement carries at most this many rows or bytes: dead letters hold whole messages. */
const maxRows = 200;
const maxBytes = 8_000_000;

/** Dead letters in Postgres, each known by the place it came from: the same message failing again is the same row. */
export class PostgresDeadLetters implements DeadLetterStore {
  constructor(readonly pool: pg.Pool) {}

  async keep(letters: readonly DeadLetter[]): Promise<void> {
    for (const part of splitParts(dropRepeated(letters))) await this.#upsert(part);
  }

  async #upsert(letters: readonly DeadLetter[]): Promise<void> {
    const resent = letters.flatMap((letter) => letter.resentFrom ?? []);
    const column = <Value>(read: (letter: DeadLetter) => Value) => letters.map(read);
    await this.pool.query(
      `WITH before AS (
         -- Parked on its way it counts as sent, until it fails after all.
         SELECT id, "redriveId", state = 'sent' AS sent, state = 'sending' AND "editedFor" = target AS changed FROM "DeadLetter"
         WHERE id = ANY($30) AND state IN ('sending', 'sent') AND "redriveId" IS NOT NULL FOR UPDATE
       ), kept AS (
       INSERT INTO "DeadLetter" (id, environment, "flowId", flow, version, node, source, lane, position, part,
         "causeCode", "causeMessage", "causeDetail", fingerprint, key, value, headers, codec, timestamp,
         "sourceKey", "sourceValue", "sourceHeaders", attempts, "runId", "traceId",
         causes, "forwardConnection", "forwardTo", "forwardState", state, "createdAt", "failedAt", "updatedAt")
       SELECT id, environment, "flowId", flow, version, node, source, lane, position, part,
         "causeCode", "causeMessage", "causeDetail", fingerprint, key, value, headers::jsonb, codec, timestamp::timestamp,
         "sourceKey", "sourceValue", "sourceHeaders"::jsonb, attempts, "runId", "traceId",
         causes::jsonb, "forwardConnection", "forwardTo", CASE WHEN "forwardTo" IS NOT NULL THEN 'due' END, 'waiting', ${utcNow}, ${utcNow}, ${utcNow}
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
         $11::text[], $12::text[], $13::text[], $14::text[], $15::bytea[], $16::bytea[], $17::text[], $18::text[], $19::text[],
         $20::bytea[], $21::bytea[], $22::text[], $23::int[], $24::text[], $25::text[],
         $26::text[], $27::text[], $28::text[])
         AS new (id, environment, "flowId", flow, version, node, source, lane, position, part,
         "causeCode", "causeMessage", "causeDetail", fingerprint, key, value, headers, codec, timestamp,
         "sourceKey", "sourceValue", "sourceHeaders", attempts, "runId", "traceId", causes, "forwardConnection", "forwardTo")
       -- All that was is read before any of it is written: a row that this statement has changed is not locked any more, nor counted.
       WHERE (SELECT count(*) FROM before) >= 0
       ON CONFLICT (environment, "flowId", node, source, lane, position, part) DO UPDATE SET
         flow = excluded.flow, version = excluded.version, "causeCode" = excluded."causeCode",
         "causeMessage" = excluded."causeMessage", "causeDetail" = excluded."causeDetail", fingerprint = excluded.fingerprint,
         ${keptColumns.map((name) => `${name} = CASE WHEN "DeadLetter".id = ANY($30) THEN "DeadLetter".${name} ELSE excluded.${name} END`).join(", ")},
         attempts = excluded.attempts, "runId" = excluded."runId", "traceId" = excluded."traceId",
         causes = CASE WHEN "DeadLetter".id = ANY($30) THEN ${causesOfResent} ELSE excluded.causes END,
         "forwardConnection" = excluded."forwardConnection", "forwardTo" = excluded."forwardTo",
         "forwardState" = excluded."forwardState", "forwardCause" = NULL, "forwardedAt" = NULL,
         reason = NULL, "claimedBy" = NULL, "claimedAt" = NULL,
         "failedAt" = excluded."failedAt", "updatedAt" = excluded."updatedAt", state = 'waiting'
       -- While a person's redrive is on its way, the source bringing the same message once more changes nothing.
       WHERE "DeadLetter".state NOT IN ('queued', 'sending') OR $29
       RETURNING id
       ), again AS (
         SELECT "redriveId", count(*)::int AS letters, count(*) FILTER (WHERE changed)::int AS changed,
           count(*) FILTER (WHERE sent)::int AS sent
         FROM before WHERE id IN (SELECT id FROM kept) GROUP BY 1
       )
       UPDATE "Redrive" SET "failedAgain" = "failedAgain" + letters, changed = "Redrive".changed + again.changed,
         sent = "Redrive".sent - again.sent, "updatedAt" = ${utcNow}
       FROM again WHERE "Redrive".id = again."redriveId"`,
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
        writeByteaArray(column((letter) => letter.key)),
        writeByteaArray(column((letter) => letter.value)),
        column((letter) => writeOwnHeaders(letter.headers)),
        column((letter) => letter.codec),
        column((letter) => new Date(letter.timestamp).toISOString()),
        writeByteaArray(column((letter) => letter.original?.key ?? null)),
        writeByteaArray(column((letter) => letter.original?.value ?? null)),
        column((letter) => (letter.original ? writeOwnHeaders(letter.original.headers) : null)),
        column((letter) => letter.attempts),
        column((letter) => letter.runId),
        column((letter) => letter.traceId),
        column((letter) => withoutNul(JSON.stringify(letter.causes ?? []).replaceAll("\\u0000", ""))),
        column((letter) => letter.forward?.connection ?? null),
        column((letter) => letter.forward?.to ?? null),
        // A flight carries either what its source brought or one letter that is sent again.
        resent.length > 0,
        resent,
      ],
    );
  }
}

/**
 * What a letter that was sent again and failed again keeps of the first time: its bytes are the evidence, whatever was sent in their
 * place. Any other message at the same place brings its own, and no edit (`excluded` has none).
 */
const keptColumns = ["key", "value", "headers", "codec"].concat(
  ["sourceKey", "sourceValue", "sourceHeaders", "editedValue", "editedKey", "editedHeaders", "editedFor"].map(
    (name) => `"${name}"`,
  ),
);

/** Failed again, what it failed on before stands in front, unless that is the same: the last twenty. */
const causesOfResent = `(SELECT coalesce(jsonb_agg(each ORDER BY place), '[]') FROM (
    SELECT each, place FROM jsonb_array_elements(
      CASE WHEN "DeadLetter"."causeMessage" = excluded."causeMessage" THEN coalesce("DeadLetter".causes, '[]')
      ELSE coalesce("DeadLetter".causes, '[]') || jsonb_build_array(jsonb_build_object('node', "DeadLetter".node,
        'code', "DeadLetter"."causeCode", 'message', "DeadLetter"."causeMessage", 'times', 1)) || coalesce(excluded.causes, '[]') END)
    WITH ORDINALITY AS chain (each, place) ORDER BY place DESC LIMIT 20) AS newest)`;

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

/** Without the id of a dead letter that was sent again: it is the row's own. */
function writeOwnHeaders(headers: readonly Header[]): string {
  return writeHeaders(headers.filter(([name]) => name !== deadLetterHeader));
}
