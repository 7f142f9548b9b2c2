import type pg from "pg";
import type { DeploymentLive } from "../../flow/control";
import { utcNow } from "./clock";

export interface WorkerIdentity {
  readonly id: string;
  readonly environment: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly label: string | null;
  readonly address: string;
}

/** A worker that was killed is forgotten after this long; until then its last heartbeat shows when it ended, and what it had done counts. */
const forgetAfterMs = 3_600_000;

/** The worker's own rows: its heartbeat and its live counts. */
export class Presence {
  constructor(
    readonly pool: pg.Pool,
    readonly worker: WorkerIdentity,
  ) {}

  /** Tells that it lives. The row is made anew when it is gone, after Postgres lost it. */
  async beat(health: Readonly<Record<string, unknown>>): Promise<void> {
    const { id, environment, host, pid, version, label, address } = this.worker;
    await this.pool.query(
      `INSERT INTO "Worker" (id, environment, host, pid, version, label, address, "startedAt", "heartbeatAt", health)
       VALUES ($1, $2, $3, $4, $5, $6, $7, ${utcNow}, ${utcNow}, $8)
       ON CONFLICT (id) DO UPDATE SET "heartbeatAt" = excluded."heartbeatAt", health = excluded.health`,
      [id, environment, host, pid, version, label, address, JSON.stringify(health)],
    );
  }

  async writeLive(lives: readonly { readonly deploymentId: string; readonly live: DeploymentLive }[]): Promise<void> {
    await this.pool.query(
      `INSERT INTO "LiveCount" ("workerId", "deploymentId", "updatedAt", live)
       SELECT $1, id, ${utcNow}, live FROM unnest($2::text[], $3::jsonb[]) AS new (id, live)
       ON CONFLICT ("workerId", "deploymentId") DO UPDATE SET "updatedAt" = excluded."updatedAt", live = excluded.live`,
      [this.worker.id, lives.map(({ deploymentId }) => deploymentId), lives.map(({ live }) => JSON.stringify(live))],
    );
  }

  async removeLive(deploymentId: string): Promise<void> {
    await this.pool.query(`DELETE FROM "LiveCount" WHERE "workerId" = $1 AND "deploymentId" = $2`, [
      this.worker.id,
      deploymentId,
    ]);
  }

  /** Takes its rows away when it ends in good order, so that nobody waits for it. */
  async leave(): Promise<void> {
    await this.pool.query(`DELETE FROM "LiveCount" WHERE "workerId" = $1`, [this.worker.id]);
    await this.pool.query(`DELETE FROM "Worker" WHERE id = $1`, [this.worker.id]);
  }

  /** Forgets workers that ended without leaving. */
  async forgetDead(): Promise<void> {
    await this.pool.query(`DELETE FROM "Worker" WHERE "heartbeatAt" < ${utcNow} - $1 * interval '1 millisecond'`, [
      forgetAfterMs,
    ]);
    await this.pool.query(
      `DELETE FROM "LiveCount" WHERE NOT EXISTS (SELECT 1 FROM "Worker" WHERE "Worker".id = "workerId")`,
    );
  }
}
