import "server-only";
import { historySteps } from "@/flow/control";
import { database } from "../database";
import type { NodeHistoryView } from "../views";
import { findFlow } from "./find-flow";

const [minutes, hours] = historySteps;
const shownMinutes = 60;
const comparedHours = 24;
const comparedVersions = 5;

/** What a node did in each minute of the last hour, the oldest first, and its versions of the last day beside each other. */
export async function readNodeHistory(
  environment: string,
  input: { flow: string; node: string },
): Promise<NodeHistoryView> {
  const { prisma } = database();
  const { deployment } = await findFlow(prisma, environment, input.flow);
  if (!deployment) return { minutes: [], versions: [] };
  const [points, versions] = await Promise.all([
    prisma.$queryRaw<NodeHistoryView["minutes"]>`
      SELECT step.at, coalesce(sum(messages), 0)::float8 AS messages, coalesce(sum(failed), 0)::float8 AS failed,
             max("p95Ms") AS "p95Ms"
      FROM generate_series(0, ${shownMinutes - 1}::int) AS ago
      CROSS JOIN LATERAL (SELECT
        to_timestamp((floor(extract(epoch FROM now()) / ${minutes.seconds}::int) - ago) * ${minutes.seconds}::int)
          AT TIME ZONE 'UTC' AS at) AS step
      LEFT JOIN "NodeHistory" AS history
        ON history."deploymentId" = ${deployment.id} AND history."stepSeconds" = ${minutes.seconds}::int
        AND history."at" = step.at AND history.node = ${input.node}
      GROUP BY step.at ORDER BY step.at`,
    prisma.$queryRaw<NodeHistoryView["versions"]>`
      SELECT version, sum(messages)::float8 AS messages, sum(failed)::float8 AS failed, sum(dead)::float8 AS dead,
             max("p50Ms") AS "p50Ms", max("p95Ms") AS "p95Ms", max("at") AS "lastAt"
      FROM "NodeHistory"
      WHERE "deploymentId" = ${deployment.id} AND "stepSeconds" = ${hours.seconds}::int AND node = ${input.node}
        AND "at" > (now() AT TIME ZONE 'UTC') - make_interval(hours => ${comparedHours}::int)
      GROUP BY version ORDER BY version DESC LIMIT ${comparedVersions}::int`,
  ]);
  return { minutes: points, versions };
}
