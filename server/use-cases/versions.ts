import "server-only";
import type { FlowDocument } from "@/flow/document";
import { type Actor, recordAudit } from "../audit";
import { database } from "../database";
import { notFound } from "../refusal";
import type { VersionSummary } from "../views";
import { findDeployedPeriods } from "./deployed-periods";
import { findFlow } from "./find-flow";

/** Versions of a flow, the newest first. */
export async function listVersions(environment: string, flowName: string): Promise<VersionSummary[]> {
  const { prisma } = database();
  const flow = await findFlow(prisma, environment, flowName);
  const versions = await prisma.flowVersion.findMany({
    where: { flowId: flow.id },
    select: { number: true, name: true, message: true, author: true, createdAt: true, hash: true },
    orderBy: { number: "desc" },
  });
  const running = flow.deployment?.desired === "running" ? flow.deployment.version : null;
  const periods = flow.deployment ? await findDeployedPeriods(prisma, flow.deployment.id) : new Map<number, never>();
  return versions.map((version) => ({
    ...version,
    running: version.number === running,
    deployed: periods.get(version.number) ?? [],
  }));
}

/** One version with its document, as it was deployed. */
export async function getVersion(
  environment: string,
  flowName: string,
  number: number,
): Promise<{ number: number; document: FlowDocument }> {
  const { prisma } = database();
  const flow = await findFlow(prisma, environment, flowName);
  const version = await prisma.flowVersion.findUnique({ where: { flowId_number: { flowId: flow.id, number } } });
  if (!version) throw notFound("version", `${flowName}@${number}`);
  return { number, document: version.document as unknown as FlowDocument };
}

/** Gives a version a name of a person's own, or takes it away (empty). The version itself never changes. */
export async function nameVersion(
  actor: Actor,
  input: { flow: string; number: number; name: string },
): Promise<{ name: string }> {
  const { prisma } = database();
  const { flow: flowName, number, name } = input;
  return prisma.$transaction(async (tx) => {
    const flow = await findFlow(tx, actor.environment, flowName);
    const named = await tx.flowVersion.updateMany({ where: { flowId: flow.id, number }, data: { name } });
    if (named.count === 0) throw notFound("version", `${flowName}@${number}`);
    await recordAudit(tx, actor, "version.name", flowName, { version: number, name });
    return { name };
  });
}
