import type pg from "pg";
import type { Client } from "../../cli/client";
import { sleep } from "../../runtime/backoff";
import { createLog } from "../../runtime/log";
import { walkRetention } from "../../runtime/stores/run-retention";
import { PostgresRuns } from "../../runtime/stores/runs";
import { dayCount, drawRun, runCount } from "./runs";

export interface Dropped {
  readonly runs: number;
  readonly ms: number;
  /** The longest that a worker's write of 100 runs and a reader's newest page took beside it, and in the middle before it. */
  readonly longestWriteMs: number;
  readonly longestReadMs: number;
  readonly usualWriteMs: number;
  readonly usualReadMs: number;
  /** The longest that any session was seen to wait for a lock. */
  readonly lockedMs: number;
}

/** The day before the first whole one has only its end, and goes beforehand. */
const keepDays = dayCount - 2;
const silent = createLog({}, "silent");
const beforeMs = 5_000;
const afterMs = 1_000;

/** Drops the oldest day while runs are written and read. */
export async function measureDrop(pool: pg.Pool, client: Client, flow: { id: string; name: string }): Promise<Dropped> {
  await walkRetention(pool, keepDays + 1, [], silent);
  const store = new PostgresRuns(pool, "bench");
  let next = runCount + 1;
  let ended = false;
  const repeat = async (act: () => Promise<unknown>) => {
    const taken: { at: number; ms: number }[] = [];
    while (!ended) {
      const at = performance.now();
      await act();
      taken.push({ at, ms: performance.now() - at });
    }
    return taken;
  };
  const now = Date.now();
  const writing = repeat(() => {
    const runs = Array.from({ length: 100 }, () => ({
      ...drawRun(next++, flow.id, flow.name, now),
      startedAt: Date.now(),
    }));
    return store.write(runs);
  });
  const reading = repeat(() => client.runs.list.query({ limit: 100 }));
  const waits = watchWaits(pool, () => ended);
  await sleep(beforeMs);
  const { rows: before } = await pool.query<{ count: string }>(`SELECT count(*) FROM "Run" WHERE "startedAt" < $1`, [
    startOfDay(keepDays),
  ]);
  const from = performance.now();
  const walked = await walkRetention(pool, keepDays, [], silent);
  const ms = performance.now() - from;
  if (walked?.dropped.length !== 1) throw new Error("no day was dropped");
  await sleep(afterMs);
  ended = true;
  const split = (taken: readonly { at: number; ms: number }[]) => {
    const [usual, beside] = [taken.filter(({ at }) => at < from), taken.filter((each) => each.at + each.ms >= from)];
    const sorted = usual.map((each) => each.ms).sort((a, b) => a - b);
    return { usual: sorted[Math.floor(sorted.length / 2)]!, longest: Math.max(...beside.map((each) => each.ms)) };
  };
  const [writes, reads] = [split(await writing), split(await reading)];
  return {
    runs: Number(before[0]!.count),
    ms,
    longestWriteMs: writes.longest,
    longestReadMs: reads.longest,
    usualWriteMs: writes.usual,
    usualReadMs: reads.usual,
    lockedMs: await waits,
  };
}

const startOfDay = (back: number) =>
  new Date(new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10)).toISOString();

async function watchWaits(pool: pg.Pool, isEnded: () => boolean): Promise<number> {
  let longest = 0;
  while (!isEnded()) {
    const { rows } = await pool.query<{ ms: number | null }>(
      `SELECT max(extract(epoch FROM clock_timestamp() - waitstart) * 1000)::float8 AS ms FROM pg_locks WHERE NOT granted`,
    );
    longest = Math.max(longest, rows[0]?.ms ?? 0);
    await sleep(2);
  }
  return longest;
}
