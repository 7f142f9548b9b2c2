import "server-only";
import { defaultProject } from "@/flow/control";
import { traceSchema } from "@/flow/document";
import { describeKept } from "@/flow/trace-words";
import { Prisma } from "@/prisma/generated/client";
import { database } from "../database";
import type { KeptRuns } from "../views";
import { findFlow } from "./find-flow";

/** How far back runs reach, and which of the deployed flows keep only a part of those that end well, or all for a time of their own. */
export async function describeKeptRuns(environment: string, flowName?: string): Promise<KeptRuns> {
  const { prisma } = database();
  const flowId = flowName === undefined ? undefined : (await findFlow(prisma, environment, flowName)).id;
  const [oldest, rows] = await Promise.all([
    prisma.run.findFirst({
      where: { project: defaultProject, environment, ...(flowId === undefined ? {} : { flowId }) },
      orderBy: { startedAt: "asc" },
      select: { startedAt: true },
    }),
    prisma.$queryRaw<{ name: string; title: string; trace: unknown; days: unknown; searchable: object | null }[]>`
      SELECT flow.name, flow.title, version.document #> '{settings,trace}' AS trace,
             version.document #> '{settings,recording,days}' AS days,
             version.document #> '{settings,searchable}' AS searchable
      FROM "Deployment" AS deployed
      JOIN "Flow" AS flow ON flow.id = deployed."flowId"
      JOIN "FlowVersion" AS version ON version."flowId" = deployed."flowId" AND version.number = deployed.version
      WHERE deployed.environment = ${environment} ${flowId === undefined ? Prisma.empty : Prisma.sql`AND flow.id = ${flowId}`}
      ORDER BY flow.title, flow.name`,
  ]);
  const partly = rows.flatMap(({ name, title, trace }) => {
    const kept = describeKept(traceSchema.safeParse(trace).data);
    return kept === null ? [] : [{ flow: name, title, kept }];
  });
  const own = rows.flatMap(({ name, title, days }) =>
    typeof days === "number" ? [{ flow: name, title, kept: `${days} ${days === 1 ? "day" : "days"}` }] : [],
  );
  const names = [...new Set(rows.flatMap(({ searchable }) => Object.keys(searchable ?? {})))].sort();
  return { since: oldest?.startedAt ?? null, partly, own, names, of: rows.length };
}
