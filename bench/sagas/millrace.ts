import { deriveControlToken } from "../../prisma/secrets";
import { openRig, rigSecret, waitUntil } from "../../runtime/system/rig";
import { send } from "./client";
import { drawOrders, drawWaiting } from "./flow";
import type { SagaSide } from "./side";

const waitingTimeoutMs = 600_000;

/** One worker process as it ships, its state in Postgres. */
export const millrace: SagaSide = {
  name: "millrace",
  label: "Millrace, Postgres",
  async open({ services, url, worker: how }) {
    const rig = await openRig(services);
    const worker = rig.startWorker({ NODE_ENV: "production", ...how.env }, how.flags);
    await rig.deploy(drawOrders(url));
    await rig.running("bench-sagas");
    const [{ address } = { address: "" }] = await rig.workers();
    const headers = { authorization: `Bearer ${deriveControlToken(rigSecret)}` };
    const { pool } = rig.database;
    return {
      pids: () => [worker.pid()],
      async storePids() {
        const { rows } = await pool.query<{ pid: number }>(
          "SELECT pid FROM pg_stat_activity WHERE datname = current_database()",
        );
        return rows.map(({ pid }) => pid);
      },
      async start(id) {
        const body = JSON.stringify({ id, quantity: 2, amount: 42 });
        await send(`${address}/in/bench-sagas`, { method: "POST", headers, body });
      },
      async readEnds(ids) {
        const { rows } = await pool.query<{ key: string; endedAt: Date }>(
          `SELECT key, "endedAt" FROM "Held" WHERE key = ANY($1) AND status = 'completed'`,
          [ids],
        );
        return new Map(rows.map(({ key, endedAt }) => [key, endedAt.getTime()]));
      },
      async countWrites() {
        const { rows: sagas } = await pool.query<{ writes: string }>(
          `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY revision) AS writes FROM "Held" WHERE status = 'completed'`,
        );
        const { rows: commits } = await pool.query<{ count: string }>(
          "SELECT xact_commit AS count FROM pg_stat_database WHERE datname = current_database()",
        );
        return { perSaga: Number(sagas[0]?.writes), transactions: Number(commits[0]?.count) };
      },
      async addWaiting(count) {
        const startedAt = performance.now();
        await rig.deploy(drawWaiting(count));
        const isThere = async () => {
          const { rows } = await pool.query<{ count: string }>(`SELECT count(*) FROM "Held" WHERE status = 'waiting'`);
          return Number(rows[0]?.count) >= count;
        };
        await waitUntil(`${count} sagas to wait`, isThere, waitingTimeoutMs);
        return performance.now() - startedAt;
      },
      close: () => rig.close(),
    };
  },
};
