import type pg from "pg";
import { PostgresRuns } from "../../runtime/stores/runs";
import { dayCount, drawRun, runCount } from "./runs";

const writesOf = 500;
const writersAtOnce = 2;

export interface Filled {
  readonly seconds: number;
  /** Of tables and indexes together, by run; and of the runs' own table with their packed steps alone. */
  readonly bytesPerRun: number;
  readonly tableBytesPerRun: number;
}

/** Writes all runs as a worker does, into a partition for each day. */
export async function fillRuns(
  pool: pg.Pool,
  flow: { id: string; name: string },
  say: (line: string) => void,
): Promise<Filled> {
  await makePastDays(pool);
  const store = new PostgresRuns(pool, "bench");
  const endsAt = Date.now();
  const begun = performance.now();
  let next = 1;
  const write = async () => {
    while (next <= runCount) {
      const from = next;
      next += writesOf;
      const until = Math.min(next, runCount + 1);
      await store.write(
        Array.from({ length: until - from }, (_, index) => drawRun(from + index, flow.id, flow.name, endsAt)),
      );
      if ((from - 1) % 100_000 === 0)
        say(`${from - 1} runs after ${Math.round((performance.now() - begun) / 1_000)} s`);
    }
  };
  await Promise.all(Array.from({ length: writersAtOnce }, write));
  const seconds = (performance.now() - begun) / 1_000;
  // As the database does by itself some minutes later.
  await pool.query(`VACUUM ANALYZE "Run"`);
  await pool.query(`VACUUM ANALYZE "RunValue"`);
  const { rows } = await pool.query<{ all: string; table: string }>(
    `SELECT sum(pg_total_relation_size(inhrelid)) AS all,
       sum(pg_table_size(inhrelid)) FILTER (WHERE inhparent = '"Run"'::regclass) AS table
     FROM pg_inherits WHERE inhparent IN ('"Run"'::regclass, '"RunValue"'::regclass)
       AND inhrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r')`,
  );
  return { seconds, bytesPerRun: Number(rows[0]!.all) / runCount, tableBytesPerRun: Number(rows[0]!.table) / runCount };
}

/** The days that have passed: workers make those of today and of the days to come. */
async function makePastDays(pool: pg.Pool): Promise<void> {
  await pool.query("SELECT millrace_create_partitions(3)");
  for (let back = 1; back <= dayCount; back++) {
    const [from, to] = [back, back - 1].map((days) =>
      new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10),
    );
    for (const table of ["Run", "RunValue"])
      await pool.query(
        `CREATE TABLE IF NOT EXISTS "${table}_${from!.replaceAll("-", "")}" PARTITION OF "${table}" FOR VALUES FROM ('${from}') TO ('${to}')`,
      );
  }
}
