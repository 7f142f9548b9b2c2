import type pg from "pg";
import { utcNow } from "./clock";
import { isAbandoned } from "./redrives";

/** A planned redrive that nobody chose letters for in this time is gone on with. */
const leftAloneMs = 2_000;

/** Takes the redrive whose letters are not all chosen and that nobody works on; `undefined` when there is none. */
export async function takePlanned(pool: pg.Pool, environment: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ id: string }>(
    `UPDATE "Redrive" SET "updatedAt" = ${utcNow} WHERE id = (
       SELECT id FROM "Redrive" WHERE environment = $1 AND state = 'planned'
       AND "updatedAt" < ${utcNow} - $2 * interval '1 millisecond'
       ORDER BY "createdAt" LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING id`,
    [environment, leftAloneMs],
  );
  return rows[0]?.id;
}

/** A redrive is done when none of its letters is queued or on its way. */
export async function endRedrives(pool: pg.Pool, environment: string): Promise<void> {
  await pool.query(
    `UPDATE "Redrive" SET state = 'done', "endedAt" = ${utcNow}, "updatedAt" = ${utcNow}
     WHERE environment = $1 AND state IN ('running', 'paused') AND chosen AND NOT EXISTS (
       SELECT 1 FROM "DeadLetter" WHERE "redriveId" = "Redrive".id AND state IN ('queued', 'sending'))`,
    [environment],
  );
}

/** What a stopped redrive had with a worker that is gone waits for a person: nobody knows whether it arrived. */
export async function returnAbandoned(pool: pg.Pool, environment: string, staleAfterMs: number): Promise<void> {
  await pool.query(
    `UPDATE "DeadLetter" letter SET state = 'waiting', "claimedBy" = NULL, "claimedAt" = NULL, "updatedAt" = ${utcNow},
       reason = CASE WHEN letter.state = 'sending' THEN 'Its worker ended while it was on its way: it may have arrived.'
         ELSE letter.reason END
     FROM "Redrive" WHERE "Redrive".id = letter."redriveId" AND "Redrive".environment = $1 AND "Redrive".state = 'stopped'
       AND "Redrive"."endedAt" > ${utcNow} - interval '1 day'
       AND (letter.state = 'queued' OR (letter.state = 'sending' AND ${isAbandoned("$2")}))`,
    [environment, staleAfterMs],
  );
}
