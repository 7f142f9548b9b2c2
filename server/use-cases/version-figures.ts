import "server-only";
import { historySteps } from "@/flow/control";
import { database } from "../database";
import type { VersionFiguresView } from "../views";
import { findFlow } from "./find-flow";

const [minutes] = historySteps;
const comparedHours = 24;
const comparedVersions = 10;

/** What each node did in the last day in each version that worked then, from the history by minutes. */
export async function readVersionFigures(environment: string, flowName: string): Promise<VersionFiguresView> {
  const { prisma } = database();
  const { deployment } = await findFlow(prisma, environment, flowName);
  if (!deployment) return { versions: [], figures: [] };
  // A version's rate is over the minutes in which it worked: one that ran for five minutes is not a slow one.
  const figures = await prisma.$queryRaw<VersionFiguresView["figures"]>`
    WITH steps AS (
      SELECT * FROM "NodeHistory"
      WHERE "deploymentId" = ${deployment.id} AND "stepSeconds" = ${minutes.seconds}::int
        AND "at" > (now() AT TIME ZONE 'UTC') - make_interval(hours => ${comparedHours}::int)
    ), worked AS (
      SELECT version, count(DISTINCT "at") * ${minutes.seconds}::int AS seconds FROM steps GROUP BY version
      ORDER BY version DESC LIMIT ${comparedVersions}::int
    )
    SELECT version, node, sum(messages)::float8 AS messages, (sum(messages) / max(worked.seconds))::float8 AS "perSecond",
           sum(failed)::float8 AS failed, sum(dead)::float8 AS dead, max("p50Ms") AS "p50Ms", max("p95Ms") AS "p95Ms"
    FROM steps JOIN worked USING (version)
    GROUP BY version, node ORDER BY version DESC, node`;
  return { versions: [...new Set(figures.map(({ version }) => version))], figures };
}
