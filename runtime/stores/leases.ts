import type pg from "pg";
import { utcNow } from "./clock";

/** What must run once, in Postgres: who holds it, under which epoch, until when, and how far it came. */
export interface LeaseKey {
  readonly environment: string;
  readonly flowId: string;
  readonly node: string;
  /** A newer generation begins to count anew. */
  readonly generation: number;
}

export interface LeaseStore {
  /** Takes the lease when it is free or run out. `undefined` = another worker holds it. */
  acquire(key: LeaseKey, ttlMs: number): Promise<{ epoch: bigint; counter: bigint } | undefined>;
  /** Holds it for longer and stores the counter. `false` = it is another's by now. */
  renew(key: LeaseKey, epoch: bigint, counter: bigint, ttlMs: number): Promise<boolean>;
  /** Stores the counter and frees it. */
  release(key: LeaseKey, epoch: bigint, counter: bigint): Promise<void>;
}

export class PostgresLeases implements LeaseStore {
  constructor(
    readonly pool: pg.Pool,
    readonly workerId: string,
  ) {}

  async acquire(key: LeaseKey, ttlMs: number) {
    const { rows } = await this.pool.query<{ epoch: string; counter: string }>(
      `INSERT INTO "Lease" (environment, "flowId", node, generation, holder, epoch, "expiresAt", counter)
       VALUES ($1, $2, $3, $4, $5, 1, ${utcNow} + $6 * interval '1 millisecond', 0)
       ON CONFLICT (environment, "flowId", node) DO UPDATE SET
         holder = excluded.holder, epoch = "Lease".epoch + 1, "expiresAt" = excluded."expiresAt",
         counter = CASE WHEN excluded.generation > "Lease".generation THEN 0 ELSE "Lease".counter END,
         generation = greatest(excluded.generation, "Lease".generation)
       WHERE "Lease".holder IS NULL OR "Lease"."expiresAt" < ${utcNow}
       RETURNING epoch, counter`,
      [key.environment, key.flowId, key.node, key.generation, this.workerId, ttlMs],
    );
    const row = rows[0];
    return row && { epoch: BigInt(row.epoch), counter: BigInt(row.counter) };
  }

  async renew(key: LeaseKey, epoch: bigint, counter: bigint, ttlMs: number): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `UPDATE "Lease" SET "expiresAt" = ${utcNow} + $6 * interval '1 millisecond', counter = $7
       WHERE environment = $1 AND "flowId" = $2 AND node = $3 AND holder = $4 AND epoch = $5`,
      [key.environment, key.flowId, key.node, this.workerId, epoch.toString(), ttlMs, counter.toString()],
    );
    return rowCount === 1;
  }

  async release(key: LeaseKey, epoch: bigint, counter: bigint): Promise<void> {
    await this.pool.query(
      `UPDATE "Lease" SET holder = NULL, counter = $6
       WHERE environment = $1 AND "flowId" = $2 AND node = $3 AND holder = $4 AND epoch = $5`,
      [key.environment, key.flowId, key.node, this.workerId, epoch.toString(), counter.toString()],
    );
  }
}
