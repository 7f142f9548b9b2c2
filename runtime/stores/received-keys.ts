/**
 * What receivers know of the messages that came, in Postgres: a row per key, reserved for one message and confirmed when that is safe.
 *
 * - **Who holds a key** is the place of its message, and not the worker or the epoch of its lane. A new owner of the lane brings the same
 *   place and takes the reservation over at once; an old one that is still at it can only confirm what is true: that this very message
 *   was written to its end. What both of them wrote until then came twice, as after any crash between a write and its confirmation.
 * - **How long**: a reservation has no clock of its own, as a message may wait for hours for a sink that is away. It is over when the worker that
 *   made it gives it up (the message is cut off: a stop, a lane that moves, a new version) or shows no sign of life for 10 s: a killed
 *   worker's lanes are back after their session of 9 s, and what waits for its keys goes on with them. While Postgres is away nobody
 *   shows a sign: for the second after it is back a reservation of a living worker may be taken over.
 * - **A dead letter** is kept safely, so its key is confirmed: sent again it is let through, and nothing of it can be written twice by a
 *   second copy that went ahead.
 * - **All or none** of a call's keys are reserved: two lanes with the same events in another order would wait for each other for ever.
 * - **One statement** when every key is new, two when some are known, three when it has to wait. Rows are locked in the order of
 *   their ids everywhere, so that no two statements lock each other out.
 * - **Size**: up to 400 bytes a key with its indexes, whatever the key's length; at most `limit` keys a scope, and what is past its
 *   time or limit is forgotten within five minutes (`tend-received-keys.ts`).
 */
import { createHash } from "node:crypto";
import type pg from "pg";
import type { KeyAnswer, KeyEntry, KeyRequest, KeyScope, ReceivedKeys, Reservation } from "../../flow/received-keys";
import { utcNow } from "./clock";
import { shortenPosition } from "./position";

/** A worker without a sign of life for so long has nothing in hand any more. */
const goneAfter = `interval '10 seconds'`;
/** The worker that reserved this row is gone. A row without a claim is confirmed. */
const isGivenUp = `NOT EXISTS (SELECT 1 FROM "Worker"
  WHERE "Worker".id = split_part(known.claim, '#', 1) AND "heartbeatAt" > ${utcNow} - ${goneAfter})`;
const forgetAtOnce = 5_000;

interface Known {
  readonly id: string;
  readonly holder: string;
  readonly confirmed: boolean;
}

export class PostgresReceivedKeys implements ReceivedKeys {
  #claims = 0;
  /** By id of the scope: those that receivers of this worker used, with their limits. */
  readonly #scopes = new Map<string, KeyScope>();

  constructor(
    readonly pool: pg.Pool,
    readonly workerId: string,
  ) {}

  async reserve(scope: KeyScope, requests: readonly KeyRequest[]): Promise<Reservation> {
    const claim = `${this.workerId}#${++this.#claims}`;
    const rows = requests.map((request) => toRow(scope, request));
    const { rows: reserved } = await this.pool.query<{ id: string }>(
      `INSERT INTO "ReceivedKey" AS known (id, scope, holder, claim, "expiresAt")
       SELECT id, $3, holder, $4, ${utcNow} + $5 * interval '1 millisecond'
       FROM unnest($1::uuid[], $2::text[]) AS new (id, holder) ORDER BY id
       ON CONFLICT (id) DO UPDATE SET
         holder = excluded.holder, claim = excluded.claim, "expiresAt" = excluded."expiresAt"
       WHERE CASE WHEN known.claim IS NULL THEN known."expiresAt" <= ${utcNow} ELSE known.holder = excluded.holder OR ${isGivenUp} END
       RETURNING id`,
      [rows.map(({ id }) => id), rows.map(({ holder }) => holder), this.#idOf(scope), claim, scope.ttlMs],
    );
    const own = reserved.map(({ id }) => id);
    const release = () => this.#release(own, claim);
    if (own.length === rows.length) return { answers: rows.map(() => "new"), release };

    const taken = new Set(own);
    const others = rows.filter(({ id }) => !taken.has(id));
    const known = await this.#read(others.map(({ id }) => id));
    // Forgotten or given up since, it is free the next time.
    const waiting = others.find(({ id }) => !known.get(id)?.confirmed);
    if (waiting) {
      await release();
      return { waitsFor: known.get(waiting.id)?.holder ?? waiting.holder };
    }
    const answers = rows.map(({ id, holder }, index): KeyAnswer => {
      if (taken.has(id)) return "new";
      if (known.get(id)!.holder !== holder) return "duplicate";
      return requests[index]!.resent ? "new" : "worked";
    });
    return { answers, release };
  }

  async confirm(scope: KeyScope, entries: readonly KeyEntry[]): Promise<void> {
    const rows = entries.map((entry) => toRow(scope, entry));
    await this.pool.query(
      // A row that was given up by mistake is made anew: what is safe must be known. One that waited long is known for long all the same.
      `INSERT INTO "ReceivedKey" AS known (id, scope, holder, "expiresAt")
       SELECT id, $3, holder, ${utcNow} + $4 * interval '1 millisecond'
       FROM unnest($1::uuid[], $2::text[]) AS new (id, holder) ORDER BY id
       ON CONFLICT (id) DO UPDATE SET claim = NULL, "expiresAt" =
         CASE WHEN known."expiresAt" < ${utcNow} + $4 * interval '0.5 milliseconds' THEN excluded."expiresAt" ELSE known."expiresAt" END
       WHERE known.holder = excluded.holder AND known.claim IS NOT NULL`,
      [rows.map(({ id }) => id), rows.map(({ holder }) => holder), this.#idOf(scope), scope.ttlMs],
    );
  }

  /** Forgets the keys that are past their time, of every scope. Answers how many. */
  async forgetExpired(): Promise<number> {
    let forgotten = 0;
    for (const scope of await this.#listScopes()) {
      forgotten += await this.#forget(`"expiresAt" <= ${utcNow} AND (claim IS NULL OR ${isGivenUp})`, [scope]);
    }
    return forgotten;
  }

  /** Forgets the oldest keys of scopes that are past their limit. Answers how many, by the scope's name. */
  async forgetBeyondLimit(): Promise<{ readonly scope: string; readonly forgotten: number }[]> {
    const beyond: { scope: string; forgotten: number }[] = [];
    for (const [id, { name, limit }] of this.#scopes) {
      const { rows } = await this.pool.query<{ until: string }>(
        `SELECT "expiresAt"::text AS until FROM "ReceivedKey" WHERE scope = $1 ORDER BY "expiresAt" DESC OFFSET $2 LIMIT 1`,
        [id, limit],
      );
      if (!rows[0]) continue;
      const forgotten = await this.#forget(`"expiresAt" <= $3::timestamp AND claim IS NULL`, [id, rows[0].until]);
      if (forgotten > 0) beyond.push({ scope: name, forgotten });
    }
    return beyond;
  }

  async #forget(which: string, [scope, ...more]: readonly [string, ...string[]]): Promise<number> {
    for (let forgotten = 0; ; ) {
      const { rowCount } = await this.pool.query(
        `DELETE FROM "ReceivedKey" WHERE id IN (SELECT id FROM "ReceivedKey" AS known
           WHERE scope = $1 AND ${which} ORDER BY "expiresAt" LIMIT $2 FOR UPDATE SKIP LOCKED)`,
        [scope, forgetAtOnce, ...more],
      );
      forgotten += rowCount ?? 0;
      if ((rowCount ?? 0) < forgetAtOnce) return forgotten;
    }
  }

  /** One step through the index for each scope, however many keys it has. */
  async #listScopes(): Promise<string[]> {
    const { rows } = await this.pool.query<{ scope: string }>(
      `WITH RECURSIVE scopes AS (
         (SELECT scope FROM "ReceivedKey" ORDER BY scope LIMIT 1)
         UNION ALL
         SELECT (SELECT known.scope FROM "ReceivedKey" AS known WHERE known.scope > scopes.scope ORDER BY known.scope LIMIT 1)
         FROM scopes WHERE scopes.scope IS NOT NULL)
       SELECT scope FROM scopes WHERE scope IS NOT NULL`,
    );
    return rows.map(({ scope }) => scope);
  }

  async #read(ids: readonly string[]): Promise<Map<string, Known>> {
    const { rows } = await this.pool.query<Known>(
      `SELECT id, holder, claim IS NULL AS confirmed FROM "ReceivedKey" WHERE id = ANY($1::uuid[])`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** What was reserved by this claim and is not confirmed is free again. */
  async #release(ids: readonly string[], claim: string): Promise<void> {
    if (ids.length === 0) return;
    await this.pool.query(
      `DELETE FROM "ReceivedKey" WHERE id IN (
         SELECT id FROM "ReceivedKey" WHERE id = ANY($1::uuid[]) AND claim = $2 ORDER BY id FOR UPDATE)`,
      [ids, claim],
    );
  }

  #idOf(scope: KeyScope): string {
    const id = digest(scope.name);
    this.#scopes.set(id, scope);
    return id;
  }
}

function toRow({ name }: KeyScope, { key, holder }: KeyEntry): { readonly id: string; readonly holder: string } {
  return { id: digest(`${name}\n${key}`), holder: shortenPosition(holder.replaceAll("\0", "")) };
}

/** 128 bits of SHA-256, as Postgres writes a UUID. */
function digest(text: string): string {
  const hex = createHash("sha256").update(text, "latin1").digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
