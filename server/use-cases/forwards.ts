import "server-only";
import { defaultProject } from "@/flow/control";
import { database } from "../database";
import type { ForwardCount } from "../views";
import { findFlow, findFlowNames } from "./find-flow";

/** Dead letters that wait to be written to a topic or queue, and those that it refused, by place. */
export async function countForwards(environment: string, flowName?: string): Promise<ForwardCount[]> {
  const { prisma } = database();
  const where = {
    project: defaultProject,
    environment,
    forwardState: { in: ["due", "refused"] },
    ...(flowName === undefined ? {} : { flowId: (await findFlow(prisma, environment, flowName)).id }),
  };
  const [rows, names] = await Promise.all([
    prisma.deadLetter.groupBy({
      by: ["flowId", "flow", "forwardConnection", "forwardTo", "forwardState"],
      where,
      _count: { _all: true },
      _max: { forwardCause: true },
    }),
    findFlowNames(prisma),
  ]);
  const counts = new Map<string, ForwardCount>();
  for (const row of rows) {
    const { forwardConnection: connection, forwardTo: to } = row;
    if (connection === null || to === null) continue;
    const key = JSON.stringify([row.flowId, connection, to]);
    const flow = names.get(row.flowId) ?? row.flow;
    const count = counts.get(key) ?? { flow, connection, to, due: 0, refused: 0, cause: null };
    if (row.forwardState === "due") {
      count.due += row._count._all;
      count.cause = row._max.forwardCause ?? count.cause;
    } else {
      count.refused += row._count._all;
      count.cause ??= row._max.forwardCause;
    }
    counts.set(key, count);
  }
  return [...counts.values()];
}
