import type pg from "pg";
import { compileMapping, type MapLetter } from "../../flow/letter-mapping";
import { readMapping } from "../../flow/printed-mapping";
import type { Claim, Claimed, RedriveStore, StoredLetter } from "../redrive";
import { draw } from "../redrive-rate";
import { utcNow } from "./clock";
import { type LetterRow, letterColumns, readLetter } from "./letter-row";

interface OpenRedrive {
  readonly id: string;
  readonly target: "node" | "source";
  readonly edit: string | null;
  readonly rate: number | null;
}

interface OpenRow {
  readonly rate: number | null;
  readonly left: number;
  readonly sinceMs: number | null;
  /** How many more of its letters may fail before it pauses; null = all. */
  readonly mayFail: number | null;
  /** Fewer went through than may fail. */
  readonly careful: boolean;
}

/** Letters that people sent again, as one worker takes them: each goes to one worker, at the rate of its redrive over all of them. */
export class PostgresRedrives implements RedriveStore {
  readonly #edits = new Map<string, MapLetter>();

  constructor(
    readonly pool: pg.Pool,
    readonly workerId: string,
  ) {}

  async claim(claim: Claim): Promise<Claimed> {
    const { environment, flowId } = claim;
    const { rows } = await this.pool.query<OpenRedrive>(
      `SELECT id, target, edit, rate FROM "Redrive" WHERE environment = $1 AND "flowId" = $2 AND state = 'running'
       ORDER BY rate IS NULL, "createdAt"`,
      [environment, flowId],
    );
    const letters: StoredLetter[] = [];
    let againInMs: number | undefined;
    // Those with a rate come first: they take little, and one without takes all the room that there is.
    for (const redrive of rows) {
      const room = claim.limit - letters.length;
      if (room <= 0) break;
      const claimed = await this.#claimOf(redrive, room);
      letters.push(...claimed.letters);
      if (claimed.againInMs !== undefined)
        againInMs = Math.min(againInMs ?? Number.POSITIVE_INFINITY, claimed.againInMs);
    }
    // Those that were taken just now are in hand, too.
    const inHand = [...claim.inHand, ...letters.map(({ id }) => id)];
    const room = claim.limit - letters.length;
    if (room > 0) letters.push(...(await this.#takeUp({ ...claim, inHand, limit: room })));
    return { letters, ...(againInMs === undefined ? {} : { againInMs }) };
  }

  /** Ends claims as sent; a letter that failed again at its node is `waiting` by then, was counted when it was kept, and stays so. */
  async markSent(ids: readonly string[], failedElsewhere: readonly string[]): Promise<void> {
    await this.pool.query(
      `WITH ended AS (
         UPDATE "DeadLetter" SET state = 'sent', "claimedBy" = NULL, "claimedAt" = NULL, "updatedAt" = ${utcNow}
         WHERE id = ANY($1) AND state = 'sending' AND "claimedBy" = $3
         RETURNING id, "redriveId", coalesce("editedFor" = target, false) AS changed
       ), sums AS (
         SELECT "redriveId", count(*) FILTER (WHERE id <> ALL($2))::int AS sent,
           count(*) FILTER (WHERE id = ANY($2))::int AS failed, count(*) FILTER (WHERE changed)::int AS changed
         FROM ended WHERE "redriveId" IS NOT NULL GROUP BY 1
       )
       UPDATE "Redrive" SET sent = "Redrive".sent + sums.sent, "failedAgain" = "failedAgain" + sums.failed,
         changed = "Redrive".changed + sums.changed, "updatedAt" = ${utcNow}
       FROM sums WHERE "Redrive".id = sums."redriveId"`,
      [ids, failedElsewhere, this.workerId],
    );
  }

  /** Hands back what was not sent: it is queued still, or waits when its redrive was stopped in the meantime. */
  async handBack(ids: readonly string[]): Promise<void> {
    await this.pool.query(
      `UPDATE "DeadLetter" SET "claimedBy" = NULL, "claimedAt" = NULL, "updatedAt" = ${utcNow},
         state = CASE WHEN EXISTS (SELECT 1 FROM "Redrive" WHERE "Redrive".id = "redriveId" AND "Redrive".state = 'stopped')
           THEN 'waiting' ELSE 'queued' END
       WHERE id = ANY($1) AND state = 'sending' AND "claimedBy" = $2`,
      [ids, this.workerId],
    );
  }

  async refuse(ids: readonly string[], reason: string): Promise<void> {
    await this.pool.query(refuseLetters, [ids, reason, this.workerId]);
  }

  async #claimOf({ id, target, edit }: OpenRedrive, room: number): Promise<Claimed> {
    const client = await this.pool.connect();
    try {
      await client.query("BEGIN");
      const claimed = await this.#take(client, id, target, edit, room);
      await client.query("COMMIT");
      client.release();
      return claimed;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => {});
      client.release(true);
      throw error;
    }
  }

  async #take(client: pg.PoolClient, id: string, target: "node" | "source", edit: string | null, room: number) {
    // Locked, so that a pause or a stop comes before or after, and so that workers draw from the rate one after the other.
    const { rows } = await client.query<OpenRow>(
      `SELECT rate, allowance AS left, extract(epoch FROM (clock_timestamp() AT TIME ZONE 'UTC') - "grantedAt")::float8 * 1000 AS "sinceMs",
         "pauseAt" - "failedAgain" AS "mayFail", sent < "pauseAfter" AS careful
       FROM "Redrive" WHERE id = $1 AND state = 'running' FOR UPDATE`,
      [id],
    );
    const row = rows[0];
    if (!row) return { letters: [] };
    if (row.mayFail !== null) room = Math.min(room, await this.#mayTake(client, id, row.mayFail, row.careful));
    if (room <= 0) return { letters: [] };
    const drawn = row.rate === null ? null : draw({ rate: row.rate, left: row.left, sinceMs: row.sinceMs ?? 0 }, room);
    const limit = drawn ? drawn.granted : room;
    const found = limit === 0 ? [] : await this.#takeQueued(client, id, limit);
    if (drawn)
      await client.query(
        `UPDATE "Redrive" SET allowance = $2, "grantedAt" = clock_timestamp() AT TIME ZONE 'UTC' WHERE id = $1`,
        [id, drawn.available - found.length],
      );
    const letters = edit === null ? found : await this.#edit(client, found, this.#compile(edit), target);
    // Nothing left of it: no need to look again soon.
    if (!drawn || (limit > 0 && found.length === 0)) return { letters };
    return { letters, againInMs: drawn.againInMs };
  }

  /**
   * How many of a redrive that pauses by itself may be taken. As long as few went through (`careful`) no more are on their way than may
   * still fail, so that a cause that is not mended costs no more than that; then all that there is room for.
   */
  async #mayTake(client: pg.PoolClient, id: string, mayFail: number, careful: boolean): Promise<number> {
    if (mayFail <= 0) {
      await client.query(
        `UPDATE "Redrive" SET state = 'paused', "updatedAt" = ${utcNow},
           reason = "failedAgain" || ' failed again, so it was paused. Look at one of them; resumed, it goes on until ' || "pauseAfter" || ' more do.'
         WHERE id = $1`,
        [id],
      );
      return 0;
    }
    if (!careful) return Number.POSITIVE_INFINITY;
    const { rows } = await client.query<{ sending: number }>(
      `SELECT count(*)::int AS sending FROM "DeadLetter" WHERE "redriveId" = $1 AND state = 'sending'`,
      [id],
    );
    return mayFail - rows[0]!.sending;
  }

  async #takeQueued(client: pg.PoolClient, id: string, limit: number): Promise<StoredLetter[]> {
    const { rows } = await client.query<LetterRow>(
      `${takeLetters} WHERE id IN (
         SELECT id FROM "DeadLetter" WHERE "redriveId" = $2 AND state = 'queued'
         ORDER BY "createdAt", id LIMIT $3 FOR UPDATE SKIP LOCKED)
       RETURNING ${letterColumns}`,
      [this.workerId, id, limit],
    );
    return sortLetters(rows).map(readLetter);
  }

  /** Makes the edit of each. It was tried on all of them when they were chosen; what came in between may still make it fail. */
  async #edit(client: pg.PoolClient, letters: StoredLetter[], edit: MapLetter, target: "node" | "source") {
    const made: StoredLetter[] = [];
    for (const letter of letters) {
      const edited = makeEdit(edit, letter, target);
      if ("words" in edited) {
        const reason = `The edit fails on it, so it was not sent: ${edited.words}`;
        await client.query(refuseLetters, [[letter.id], reason, this.workerId]);
        continue;
      }
      const value = edited.value && Buffer.from(edited.value);
      // Key and headers that were written for this target before stay written.
      const before = letter.edited?.target === target ? letter.edited : {};
      const stay = `CASE WHEN "editedFor" = $3 THEN`;
      const sql = `UPDATE "DeadLetter" SET "editedValue" = $2, "editedFor" = $3,
        "editedKey" = ${stay} "editedKey" END, "editedHeaders" = ${stay} "editedHeaders" END WHERE id = $1`;
      await client.query(sql, [letter.id, value, target]);
      made.push({ ...letter, edited: { ...before, target, value } });
    }
    return made;
  }

  /** Compiled once; a redrive is asked for again and again. */
  #compile(source: string): MapLetter {
    let edit = this.#edits.get(source);
    if (!edit) {
      if (this.#edits.size >= maxEditsKept) this.#edits.clear();
      edit = compileMapping(readMapping(source));
      this.#edits.set(source, edit);
    }
    return edit;
  }

  /** Letters without a redrive of their own, and those that a worker had taken which is gone, or which lost sight of them. */
  async #takeUp({ environment, flowId, staleAfterMs, inHand, limit }: Claim): Promise<StoredLetter[]> {
    const { rows } = await this.pool.query<LetterRow>(
      `${takeLetters} WHERE id IN (
         SELECT id FROM "DeadLetter" letter
         WHERE environment = $2 AND "flowId" = $3 AND (state = 'queued' AND "redriveId" IS NULL OR (
           state = 'sending' AND CASE WHEN "claimedBy" = $1 THEN NOT id = ANY($6) ELSE ${isAbandoned("$5")} END
           AND ("redriveId" IS NULL OR EXISTS (SELECT 1 FROM "Redrive" WHERE id = letter."redriveId" AND state = 'running'))))
         ORDER BY "createdAt", id LIMIT $4 FOR UPDATE SKIP LOCKED)
       RETURNING ${letterColumns}`,
      [this.workerId, environment, flowId, limit, staleAfterMs, inHand],
    );
    return sortLetters(rows).map(readLetter);
  }
}

const maxEditsKept = 100;

function makeEdit(edit: MapLetter, letter: StoredLetter, target: "node" | "source") {
  try {
    return { value: edit(letter, target) };
  } catch (error) {
    return { words: error instanceof Error ? error.message : "it failed." };
  }
}

const takeLetters = `UPDATE "DeadLetter" SET state = 'sending', sends = sends + 1, "claimedBy" = $1, "claimedAt" = ${utcNow}, "updatedAt" = ${utcNow}`;

const refuseLetters = `WITH ended AS (
    UPDATE "DeadLetter" SET state = 'waiting', reason = $2, "claimedBy" = NULL, "claimedAt" = NULL, "updatedAt" = ${utcNow}
    WHERE id = ANY($1) AND state = 'sending' AND "claimedBy" = $3 RETURNING "redriveId"
  ), sums AS (SELECT "redriveId", count(*)::int AS refused FROM ended WHERE "redriveId" IS NOT NULL GROUP BY 1)
  UPDATE "Redrive" SET refused = "Redrive".refused + sums.refused, "updatedAt" = ${utcNow}
  FROM sums WHERE "Redrive".id = sums."redriveId"`;

/** Claimed a while ago by a worker that gives no sign of life. */
export function isAbandoned(staleAfterMs: string): string {
  return `"claimedAt" < ${utcNow} - ${staleAfterMs} * interval '1 millisecond' AND NOT EXISTS (
    SELECT 1 FROM "Worker" WHERE "Worker".id = letter."claimedBy"
    AND "heartbeatAt" > ${utcNow} - ${staleAfterMs} * interval '1 millisecond')`;
}

/** RETURNING keeps no order. */
function sortLetters(rows: LetterRow[]): LetterRow[] {
  return rows.sort((left, right) => Number(left.createdAt) - Number(right.createdAt));
}
