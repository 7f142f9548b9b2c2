import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import type { Db } from "../database";
import type { DeadLetterGroup } from "../views";
import { readLetterTitles } from "./letter-titles";

const mostGroups = 200;
/** Each cause comes once for each state and version that it has letters of. */
const mostRows = 5_000;

/** The dead letters that a filter leaves, by flow, node and cause, the most first. */
export async function readLetterGroups(
  db: Db,
  environment: string,
  where: Prisma.DeadLetterWhereInput,
): Promise<DeadLetterGroup[]> {
  const [rows, trends] = await Promise.all([
    db.deadLetter.groupBy({
      by: ["flowId", "flow", "node", "fingerprint", "causeCode", "state", "version"],
      where,
      _count: { _all: true },
      _min: { createdAt: true },
      _max: { createdAt: true, failedAt: true, causeMessage: true },
      orderBy: { _count: { id: "desc" } },
      take: mostRows,
    }),
    readTrends(db, environment),
  ]);
  const titles = await readLetterTitles(db, rows);
  const groups = new Map<string, DeadLetterGroup>();
  for (const row of rows) {
    const place = `${row.flowId} ${row.node} ${row.fingerprint}`;
    const first = row._min.createdAt ?? new Date(0);
    const last = row._max.failedAt ?? row._max.createdAt ?? new Date(0);
    const group = groups.get(place) ?? {
      trend: trends.get(place) ?? noTrend,
      fingerprint: row.fingerprint,
      ...titles(row),
      node: row.node,
      causeCode: row.causeCode,
      causeMessage: row._max.causeMessage ?? "",
      count: 0,
      onTheWay: 0,
      versions: [],
      first,
      last,
    };
    const count = row._count._all;
    groups.set(place, {
      ...group,
      ...(row.state === "waiting" ? { count: group.count + count } : { onTheWay: group.onTheWay + count }),
      versions: addVersion(group.versions, row.version, count),
      first: first < group.first ? first : group.first,
      last: last > group.last ? last : group.last,
    });
  }
  return [...groups.values()]
    .sort((left, right) => right.count + right.onTheWay - left.count - left.onTheWay)
    .slice(0, mostGroups);
}

function addVersion(versions: DeadLetterGroup["versions"], version: number, count: number) {
  const before = versions.find((each) => each.version === version)?.count ?? 0;
  return [...versions.filter((each) => each.version !== version), { version, count: before + count }].sort(
    (left, right) => right.version - left.version,
  );
}

const trendHours = 24;
const noTrend: readonly number[] = new Array(trendHours).fill(0);

/** How many of the open ones came in each of the last 24 hours, the oldest hour first; by flow, node and cause. */
async function readTrends(db: Db, environment: string): Promise<Map<string, number[]>> {
  const rows = await db.$queryRaw<{ place: string; hour: number; count: bigint }[]>`
    SELECT "flowId" || ' ' || node || ' ' || fingerprint AS place,
           floor(extract(epoch FROM (now() AT TIME ZONE 'UTC') - "createdAt") / 3600)::int AS hour, count(*) AS count
    FROM "DeadLetter"
    WHERE environment = ${environment} AND state IN ('waiting', 'queued', 'sending')
      AND "createdAt" > (now() AT TIME ZONE 'UTC') - make_interval(hours => ${trendHours}::int)
    GROUP BY 1, 2`;
  const trends = new Map<string, number[]>();
  for (const { place, hour, count } of rows) {
    const trend = trends.get(place) ?? [...noTrend];
    trends.set(place, trend);
    // A clock that is ahead counts as now.
    trend[trendHours - 1 - Math.min(trendHours - 1, Math.max(0, hour))]! += Number(count);
  }
  return trends;
}
