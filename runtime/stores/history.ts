import type pg from "pg";
import type { HistoryStore, NodeDelta } from "../history";
import { utcNow } from "./clock";

export class PostgresHistory implements HistoryStore {
  constructor(readonly pool: pg.Pool) {}

  async add(deltas: readonly NodeDelta[], stepsSeconds: readonly number[]): Promise<void> {
    const column = <T>(read: (delta: NodeDelta) => T) => deltas.map(read);
    // In one order, so that workers that write at the same moment do not wait for each other in a circle.
    await this.pool.query(
      `INSERT INTO "NodeHistory" AS old
         ("deploymentId", "stepSeconds", "at", node, version, messages, failed, retried, dead, "p50Ms", "p95Ms")
       SELECT id, step, to_timestamp(floor(extract(epoch FROM now()) / step) * step) AT TIME ZONE 'UTC',
              node, version, messages, failed, retried, dead, p50, p95
       FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                   $8::float8[], $9::float8[]) AS new (id, node, version, messages, failed, retried, dead, p50, p95)
       CROSS JOIN unnest($10::int[]) AS step
       ORDER BY 1, 2, 4, 5
       ON CONFLICT ("deploymentId", "stepSeconds", "at", node, version) DO UPDATE SET
         messages = old.messages + excluded.messages, failed = old.failed + excluded.failed,
         retried = old.retried + excluded.retried, dead = old.dead + excluded.dead,
         "p50Ms" = greatest(old."p50Ms", excluded."p50Ms"), "p95Ms" = greatest(old."p95Ms", excluded."p95Ms")`,
      [
        column(({ deploymentId }) => deploymentId),
        column(({ node }) => node),
        column(({ version }) => version),
        column(({ messages }) => messages),
        column(({ failed }) => failed),
        column(({ retried }) => retried),
        column(({ dead }) => dead),
        column(({ p50Ms }) => p50Ms ?? null),
        column(({ p95Ms }) => p95Ms ?? null),
        [...stepsSeconds],
      ],
    );
  }

  async forget(steps: readonly { readonly seconds: number; readonly keptSeconds: number }[]): Promise<void> {
    for (const { seconds, keptSeconds } of steps) {
      await this.pool.query(
        `DELETE FROM "NodeHistory" WHERE "stepSeconds" = $1 AND "at" < ${utcNow} - make_interval(secs => $2)`,
        [seconds, keptSeconds],
      );
    }
  }
}
