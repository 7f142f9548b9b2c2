import type pg from "pg";
import { sleep } from "../backoff";
import type { Log } from "../log";
import { extractKept } from "./extract-kept-runs";

/** Runs of a flow that are kept for another time than those of all others. */
export interface FlowRetention {
  readonly flowId: string;
  readonly environment: string;
  readonly days: number;
}

/** Rows of one statement; and how long one walk goes on before it is left to the next. */
const batchRows = 2_000;
const walkForMs = 60_000;
/** Between two statements: what is deleted must not keep the recorder from writing. */
const pauseMs = 20;
const lockKey = "millrace_run_retention";

/** What flows say of it, as their deployed versions have it. */
export async function readFlowRetentions(pool: pg.Pool): Promise<FlowRetention[]> {
  const { rows } = await pool.query<FlowRetention>(
    `SELECT deployment."flowId", deployment.environment, (version.document #>> '{settings,recording,days}')::int AS days
     FROM "Deployment" deployment
     JOIN "FlowVersion" version ON version."flowId" = deployment."flowId" AND version.number = deployment.version
     WHERE jsonb_typeof(version.document #> '{settings,recording,days}') = 'number'
     ORDER BY 1, 2`,
  );
  return rows;
}

/** Days that have a partition of runs of their own, `YYYYMMDD`, the oldest first. */
export async function listRunDays(pool: pg.Pool | pg.PoolClient): Promise<string[]> {
  const { rows } = await pool.query<{ day: string }>(
    `SELECT DISTINCT right(child.relname, 8) AS day FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
     WHERE inhparent IN ('"Run"'::regclass, '"RunValue"'::regclass) AND child.relname ~ '_[0-9]{8}$' ORDER BY 1`,
  );
  return rows.map(({ day }) => day);
}

export interface Walked {
  /** Days of which nothing is left, and those of which only the runs that are kept longer are. */
  readonly dropped: readonly string[];
  readonly reduced: readonly string[];
  /** Runs that were deleted one by one, of flows that keep them for less time. */
  readonly deleted: number;
  /** More is to be done than there was time for. */
  readonly more: boolean;
}

/**
 * Keeps the runs of all flows for `keepDays` whole days, those of some for a time of their own. A day past `keepDays` is never deleted from:
 * the few runs that are kept longer are copied beside it, and change places with it. What is kept for less is deleted from days that the
 * others still need, in small statements. One worker at a time; `null`: another one is at it.
 */
export async function walkRetention(
  pool: pg.Pool,
  keepDays: number,
  flows: readonly FlowRetention[],
  log: Log,
  { signal, now = Date.now() }: { signal?: AbortSignal; now?: number } = {},
): Promise<Walked | null> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ mine: boolean }>("SELECT pg_try_advisory_lock(hashtext($1)) AS mine", [
      lockKey,
    ]);
    if (!rows[0]!.mine) return null;
    try {
      const until = performance.now() + walkForMs;
      const isOver = () => performance.now() > until || signal?.aborted === true;
      return await walk(client, { keepDays, flows, log, now, isOver });
    } finally {
      await client.query("SELECT pg_advisory_unlock(hashtext($1))", [lockKey]);
    }
  } finally {
    client.release();
  }
}

interface Walk {
  readonly keepDays: number;
  readonly flows: readonly FlowRetention[];
  readonly log: Log;
  readonly now: number;
  /** The time is up, or the worker stops. */
  isOver(): boolean;
}

async function walk(client: pg.PoolClient, { keepDays, flows, log, now, isOver }: Walk): Promise<Walked> {
  const walked = { dropped: [] as string[], reduced: [] as string[], deleted: 0, more: false };
  const firstKept = (days: number) => nameDay(now - days * 86_400_000);
  for (const day of await listRunDays(client)) {
    if (isOver()) return { ...walked, more: true };
    if (day < firstKept(keepDays)) {
      const longer = flows.filter(({ days }) => day >= firstKept(days));
      const done = await extractKept(client, day, longer, { log, isOver });
      if (done === "cut") return { ...walked, more: true };
      if (done !== "same") walked[done].push(day);
      continue;
    }
    for (const flow of flows.filter(({ days }) => day < firstKept(days))) {
      for (let count = batchRows; count === batchRows; walked.deleted += count) {
        if (isOver()) return { ...walked, more: true };
        count = await deleteSome(client, day, flow);
        if (count > 0) await sleep(pauseMs);
      }
    }
  }
  await emptyDefaults(client, flows, keepDays, now);
  return walked;
}

async function deleteSome(client: pg.PoolClient, day: string, { flowId, environment }: FlowRetention): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `WITH gone AS (
       DELETE FROM "Run_${day}" WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM "Run_${day}" WHERE "flowId" = $1 AND environment = $2 LIMIT ${batchRows}))
       RETURNING "startedAt", id
     ), forgotten AS (
       DELETE FROM "RunValue_${day}" item USING gone WHERE item."startedAt" = gone."startedAt" AND item."runId" = gone.id
     )
     SELECT count(*)::int AS count FROM gone`,
    [flowId, environment],
  );
  return rows[0]!.count;
}

/** What no day took, a few late runs at most. */
async function emptyDefaults(
  client: pg.PoolClient,
  flows: readonly FlowRetention[],
  keepDays: number,
  now: number,
): Promise<void> {
  const startOf = (days: number) => new Date(Math.floor(now / 86_400_000 - days) * 86_400_000).toISOString();
  await client.query(
    `WITH gone AS (
       DELETE FROM "Run_default" run WHERE "startedAt" < coalesce(
         (SELECT first::timestamp FROM unnest($1::text[], $2::text[], $3::text[]) AS kept (flow, environment, first)
          WHERE kept.flow = run."flowId" AND kept.environment = run.environment), $4::timestamp)
       RETURNING "startedAt", id
     )
     DELETE FROM "RunValue_default" item USING gone WHERE item."startedAt" = gone."startedAt" AND item."runId" = gone.id`,
    [
      flows.map(({ flowId }) => flowId),
      flows.map(({ environment }) => environment),
      flows.map(({ days }) => startOf(days)),
      startOf(keepDays),
    ],
  );
}

/** As partitions are named. */
function nameDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10).replaceAll("-", "");
}
