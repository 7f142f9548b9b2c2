import "server-only";
import { historySteps } from "@/flow/control";
import { database } from "../database";
import type { FailingNode, NodeHistoryView } from "../views";
import { findFlow } from "./find-flow";
import { readNodeTitles } from "./node-titles";

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

const failingMinutes = 10;
/** Of fewer nothing can be said. */
const fewestMessages = 5;

/** Nodes of what runs on which most messages of the last ten minutes failed, the worst first. */
export async function listFailingNodes(environment: string): Promise<FailingNode[]> {
  const { prisma } = database();
  const rows = await prisma.$queryRaw<(Omit<FailingNode, "title"> & { flowId: string })[]>`
    SELECT flow.name AS flow, flow.id AS "flowId", node, history.version,
           sum(messages)::float8 AS messages, sum(failed)::float8 AS failed
    FROM "NodeHistory" AS history
    JOIN "Deployment" AS deployment ON deployment.id = history."deploymentId"
    JOIN "Flow" AS flow ON flow.id = deployment."flowId"
    WHERE deployment.environment = ${environment} AND deployment.desired = 'running'
      AND history.version = deployment.version AND history."stepSeconds" = ${minutes.seconds}::int
      AND history."at" > (now() AT TIME ZONE 'UTC') - make_interval(mins => ${failingMinutes}::int)
    GROUP BY flow.name, flow.id, node, history.version
    HAVING sum(messages) >= ${fewestMessages} AND sum(failed) * 2 > sum(messages)
    ORDER BY sum(failed) DESC LIMIT 20`;
  const titles = await readNodeTitles(prisma, rows);
  return rows.map(({ flowId, ...row }) => ({ ...row, title: titles(flowId, row.version).get(row.node) ?? row.node }));
}
