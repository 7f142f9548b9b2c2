import type pg from "pg";
import type { ForwardLetter } from "../forwarded-letter";
import { utcNow } from "./clock";
import { type LetterRow, letterColumns, readLetter } from "./letter-row";

/** Where dead letters of a flow are also to be written. */
export interface Destination {
  readonly flowId: string;
  readonly connection: string;
  readonly to: string;
}

export interface ForwardStore {
  /** Destinations that something waits for. */
  destinations(environment: string): Promise<Destination[]>;
  /** The next letters for one, those that failed first first. */
  read(environment: string, destination: Destination): Promise<ForwardLetter[]>;
  markForwarded(letters: readonly ForwardLetter[]): Promise<void>;
  /** It will never be written there. */
  refuse(letter: ForwardLetter, words: string): Promise<void>;
  /** Why it is not written there yet. */
  noteCause(letter: ForwardLetter, words: string): Promise<void>;
}

const maxLetters = 100;
const maxBytes = 8_000_000;

export class PostgresForwards implements ForwardStore {
  constructor(readonly pool: pg.Pool) {}

  async destinations(environment: string): Promise<Destination[]> {
    const { rows } = await this.pool.query<Destination>(
      `SELECT DISTINCT "flowId", "forwardConnection" AS connection, "forwardTo" AS to FROM "DeadLetter"
       WHERE "forwardState" = 'due' AND environment = $1`,
      [environment],
    );
    return rows;
  }

  async read(environment: string, { flowId, connection, to }: Destination): Promise<ForwardLetter[]> {
    const { rows } = await this.pool.query<LetterRow & { flow: string; failedAtText: string }>(
      `WITH due AS (
         SELECT id AS "dueId", row_number() OVER ahead AS place, sum(coalesce(octet_length(value), 0)) OVER ahead AS bytes
         FROM (SELECT id, value, "failedAt" FROM "DeadLetter"
           WHERE "forwardState" = 'due' AND "flowId" = $2 AND environment = $1 AND "forwardConnection" = $3 AND "forwardTo" = $4
           ORDER BY "failedAt", id LIMIT $5) AS first
         WINDOW ahead AS (ORDER BY "failedAt", id)
       )
       SELECT ${letterColumns}, flow, to_char("failedAt", 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "failedAtText"
       FROM "DeadLetter" JOIN due ON id = "dueId" WHERE place = 1 OR bytes <= $6 ORDER BY place`,
      [environment, flowId, connection, to, maxLetters, maxBytes],
    );
    return rows.map((row) => ({ ...readLetter(row), flow: row.flow, failedAt: row.failedAtText }));
  }

  async markForwarded(letters: readonly ForwardLetter[]): Promise<void> {
    await this.pool.query(
      `UPDATE "DeadLetter" SET "forwardState" = 'forwarded', "forwardedAt" = ${utcNow}, "forwardCause" = NULL
       FROM unnest($1::text[], $2::text[]) AS written (id, at)
       WHERE "DeadLetter".id = written.id AND ${isSameFailure("written.at")}`,
      [letters.map(({ id }) => id), letters.map(({ failedAt }) => failedAt)],
    );
  }

  async refuse({ id, failedAt }: ForwardLetter, words: string): Promise<void> {
    await this.pool.query(
      `UPDATE "DeadLetter" SET "forwardState" = 'refused', "forwardCause" = $3 WHERE id = $1 AND ${isSameFailure("$2")}`,
      [id, failedAt, words],
    );
  }

  async noteCause({ id, failedAt }: ForwardLetter, words: string): Promise<void> {
    await this.pool.query(
      `UPDATE "DeadLetter" SET "forwardCause" = $3 WHERE id = $1 AND ${isSameFailure("$2")} AND "forwardCause" IS DISTINCT FROM $3`,
      [id, failedAt, words],
    );
  }
}

/** A letter that failed again in the meantime is to be written again. */
function isSameFailure(failedAt: string): string {
  return `"forwardState" = 'due' AND "failedAt" = ${failedAt}::timestamp`;
}
