import type pg from "pg";
import { sleep } from "../backoff";
import type { Log } from "../log";
import type { FlowRetention } from "./run-retention";

const parents = ["Run", "RunValue"] as const;
const hours = 24;
const pauseMs = 20;
/** The change of places waits at most so long for readers, behind which writers would queue. */
const lockTimeoutMs = 2_000;

/**
 * Leaves of a day only the runs of these flows: they are copied into new partitions, hour by hour, which then change places with the old
 * ones in one short transaction. So it costs what stays, not what goes, and the room is free at once. `same`: nothing
 * was to be done; `cut`: there was no time, and the next walk begins the day anew.
 */
export async function extractKept(
  client: pg.PoolClient,
  day: string,
  flows: readonly FlowRetention[],
  { log, isOver }: { readonly log: Log; isOver(): boolean },
): Promise<"dropped" | "reduced" | "same" | "cut"> {
  if (flows.length === 0 || !(await hasAny(client, day, flows))) {
    await inTransaction(client, async () => {
      for (const parent of parents) await client.query(`DROP TABLE IF EXISTS "${parent}_${day}"`);
    });
    return "dropped";
  }
  // Written on the partition, so that a day is not copied anew each hour.
  const mark = `kept longer: ${flows.map(({ flowId, environment }) => `${environment}/${flowId}`).join(" ")}`;
  if ((await readMark(client, day)) === mark) return "same";
  const startedAt = performance.now();
  if (!(await copy(client, day, flows, isOver))) return "cut";
  await inTransaction(client, () => changePlaces(client, day, mark));
  log.info(
    { day, flows: flows.length, tookMs: Math.round(performance.now() - startedAt) },
    "kept runs of a day longer",
  );
  return "reduced";
}

const whereKept = `EXISTS (SELECT 1 FROM unnest($1::text[], $2::text[]) AS kept (flow, environment)
  WHERE kept.flow = run."flowId" AND kept.environment = run.environment)`;
const namesOf = (flows: readonly FlowRetention[]) => [
  flows.map(({ flowId }) => flowId),
  flows.map(({ environment }) => environment),
];

async function hasAny(client: pg.PoolClient, day: string, flows: readonly FlowRetention[]): Promise<boolean> {
  // By flow, so that the index of flow and time is used.
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM unnest($1::text[], $2::text[]) AS kept (flow, environment)
       JOIN LATERAL (SELECT 1 FROM "Run_${day}" run WHERE run."flowId" = kept.flow AND run.environment = kept.environment
         LIMIT 1) AS one ON true) AS found`,
    namesOf(flows),
  );
  return rows[0]!.found;
}

async function readMark(client: pg.PoolClient, day: string): Promise<string | null> {
  const { rows } = await client.query<{ mark: string | null }>(
    "SELECT obj_description($1::regclass, 'pg_class') AS mark",
    [`"Run_${day}"`],
  );
  return rows[0]!.mark;
}

async function copy(
  client: pg.PoolClient,
  day: string,
  flows: readonly FlowRetention[],
  isOver: () => boolean,
): Promise<boolean> {
  for (const parent of parents) {
    await client.query(`DROP TABLE IF EXISTS "${parent}_${day}_kept"`);
    await client.query(`CREATE TABLE "${parent}_${day}_kept" (LIKE "${parent}" INCLUDING ALL)`);
  }
  const [from] = boundsOf(day);
  for (let hour = 0; hour < hours; hour++) {
    if (isOver()) return false;
    const [first, end] = [hour, hour + 1].map((at) => `('${from}'::timestamp + interval '${at} hours')`);
    const within = (alias: string) => `${alias}."startedAt" >= ${first} AND ${alias}."startedAt" < ${end}`;
    await client.query(
      `INSERT INTO "Run_${day}_kept" SELECT run.* FROM "Run_${day}" run WHERE ${within("run")} AND ${whereKept}`,
      namesOf(flows),
    );
    await client.query(
      `INSERT INTO "RunValue_${day}_kept" SELECT item.* FROM "RunValue_${day}" item WHERE ${within("item")}
         AND EXISTS (SELECT 1 FROM "Run_${day}_kept" run WHERE run."startedAt" = item."startedAt" AND run.id = item."runId")`,
    );
    await sleep(pauseMs);
  }
  // Known to hold, it is not looked at again while the parent is locked.
  const [first, end] = boundsOf(day);
  for (const parent of parents)
    await client.query(
      `ALTER TABLE "${parent}_${day}_kept" ADD CONSTRAINT of_day CHECK ("startedAt" >= '${first}' AND "startedAt" < '${end}')`,
    );
  return true;
}

async function changePlaces(client: pg.PoolClient, day: string, mark: string): Promise<void> {
  const [first, end] = boundsOf(day);
  for (const parent of parents) {
    const name = `${parent}_${day}`;
    await client.query(`ALTER TABLE "${parent}" DETACH PARTITION "${name}"`);
    await client.query(`DROP TABLE "${name}"`);
    await client.query(`ALTER TABLE "${name}_kept" RENAME TO "${name}"`);
    await client.query(`ALTER TABLE "${parent}" ATTACH PARTITION "${name}" FOR VALUES FROM ('${first}') TO ('${end}')`);
    await client.query(`ALTER TABLE "${name}" DROP CONSTRAINT of_day`);
  }
  await client.query(`COMMENT ON TABLE "Run_${day}" IS '${mark.replaceAll("'", "''")}'`);
}

async function inTransaction(client: pg.PoolClient, work: () => Promise<void>): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
    // Whoever makes partitions has the same.
    await client.query("SELECT pg_advisory_xact_lock(hashtext('millrace_partitions'))");
    await work();
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

/** First moment of a day, and of the next. */
function boundsOf(day: string): [string, string] {
  const start = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}T00:00:00Z`);
  return [start, start + 86_400_000].map((at) => new Date(at).toISOString().slice(0, 10)) as [string, string];
}
