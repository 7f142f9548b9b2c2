import type pg from "pg";
import { packRunDetail } from "../../prisma/run-detail";
import { describeError, type Log } from "../log";
import type { RunStore } from "../recorder";
import type { RunRecord } from "../run-record";
import { withoutNul, writeByteaArray } from "./message-columns";
import { shortenPosition } from "./position";
import { listRunDays, readFlowRetentions, walkRetention } from "./run-retention";

/** Runs in Postgres, in partitions by day. */
export class PostgresRuns implements RunStore {
  constructor(
    readonly pool: pg.Pool,
    readonly workerId: string,
  ) {}

  async write(runs: readonly RunRecord[]): Promise<void> {
    const column = <Value>(read: (run: RunRecord) => Value) => runs.map(read);
    const values = runs.flatMap((run) =>
      run.values.map(([name, value, below]) => ({ run, name, value, below: below ?? null })),
    );
    await this.pool.query(
      `INSERT INTO "Run" (id, "startedAt", environment, "flowId", flow, version, "workerId", "traceId", "parentSpan", "spanId",
         source, lane, position, key, state, "durationMs", attempts, "errorNode", "errorCode", error, detail)
       SELECT id::uuid, "startedAt"::timestamp(3), environment, "flowId", flow, version, $21, "traceId", "parentSpan", "spanId",
         source, lane, position, key, state, "durationMs", attempts, "errorNode", "errorCode", error, detail
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[],
         $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::float8[], $16::int[], $17::text[], $18::text[],
         $19::text[], $20::bytea[])
         AS new (id, "startedAt", environment, "flowId", flow, version, "traceId", "parentSpan", "spanId",
         source, lane, position, key, state, "durationMs", attempts, "errorNode", "errorCode", error, detail)
       ON CONFLICT DO NOTHING`,
      [
        column((run) => run.id),
        column((run) => writeTime(run.startedAt)),
        column((run) => run.environment),
        column((run) => run.flowId),
        column((run) => run.flow),
        column((run) => run.version),
        column((run) => run.traceId),
        column((run) => run.parentSpan),
        column((run) => run.spanId),
        column((run) => run.source),
        column((run) => withoutNul(run.lane)),
        column((run) => shortenPosition(withoutNul(run.position))),
        column((run) => run.key),
        column((run) => run.state),
        column((run) => run.durationMs),
        column((run) => run.attempts),
        column((run) => run.errorNode),
        column((run) => run.errorCode),
        column((run) => (run.error === null ? null : withoutNul(run.error))),
        writeByteaArray(column((run) => packRunDetail(run.detail))),
        this.workerId,
      ],
    );
    if (values.length === 0) return;
    await this.pool.query(
      `INSERT INTO "RunValue" ("startedAt", "runId", "flowId", name, value, below)
       SELECT "startedAt"::timestamp(3), id::uuid, "flowId", name, value, below
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
         AS new ("startedAt", id, "flowId", name, value, below)
       ON CONFLICT DO NOTHING`,
      [
        values.map(({ run }) => writeTime(run.startedAt)),
        values.map(({ run }) => run.id),
        values.map(({ run }) => run.flowId),
        values.map(({ name }) => name),
        values.map(({ value }) => value),
        values.map(({ below }) => below),
      ],
    );
  }
}

const partitionDaysAhead = 3;
const tendIntervalMs = 3_600_000;
/** After a failure, such as Postgres away, it is tried again sooner. */
const tendAgainMs = 60_000;

/** How long runs are kept unless their flow says otherwise, and how much room all may take: what comes first ends them. */
export interface RunRetention {
  readonly keepRunsDays: number;
  readonly keepRunsBytes: number | undefined;
}

/** Keeps partitions ahead of the days and drops those past retention, each flow at its own. Safe in several workers at once. Returns how to end it. */
export function tendRunPartitions(
  pool: pg.Pool,
  { keepRunsDays: keepDays, keepRunsBytes: maxBytes }: RunRetention,
  log: Log,
): () => void {
  let timer: NodeJS.Timeout;
  const abort = new AbortController();
  const tend = async () => {
    let nextMs = tendIntervalMs;
    try {
      await pool.query("SELECT millrace_create_partitions($1)", [partitionDaysAhead]);
      const flows = await readFlowRetentions(pool);
      const walked = await walkRetention(pool, keepDays, flows, log, { signal: abort.signal });
      if (walked && (walked.dropped.length > 0 || walked.reduced.length > 0 || walked.deleted > 0))
        log.info({ ...walked, keepDays }, "dropped runs past retention");
      if (walked?.more) nextMs = tendAgainMs;
      if (maxBytes !== undefined) await shrink(pool, maxBytes, log);
    } catch (error) {
      log.warn(describeError(error), "run partitions could not be tended");
      nextMs = tendAgainMs;
    }
    if (!abort.signal.aborted) timer = setTimeout(() => void tend(), nextMs).unref();
  };
  void tend();
  return () => {
    abort.abort();
    clearTimeout(timer);
  };
}

/** Whatever flows say: past the size whole days go. Tells which. */
async function shrink(pool: pg.Pool, maxBytes: number, log: Log): Promise<void> {
  const before = await listRunDays(pool);
  const { rows } = await pool.query<{ dropped: number }>("SELECT millrace_shrink_partitions($1) AS dropped", [
    maxBytes,
  ]);
  if (!rows[0] || rows[0].dropped === 0) return;
  const left = new Set(await listRunDays(pool));
  const days = before.filter((day) => !left.has(day));
  log.warn({ days, maxBytes }, "dropped the oldest runs: all took more room than they may");
}

/** Columns hold UTC without a zone; the Z is dropped by the cast. */
function writeTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
