import "server-only";
import type { FlowDocument } from "@/flow/document";
import { database } from "../database";
import { notFound } from "../refusal";
import type { VersionSummary } from "../views";
import { findFlow } from "./find-flow";

/** Versions of a flow, the newest first. */
export async function listVersions(environment: string, flowName: string): Promise<VersionSummary[]> {
  const { prisma } = database();
  const flow = await findFlow(prisma, environment, flowName);
  const versions = await prisma.flowVersion.findMany({
    where: { flowId: flow.id },
    select: { number: true, message: true, author: true, createdAt: true, hash: true },
    orderBy: { number: "desc" },
  });
  const running = flow.deployment?.desired === "running" ? flow.deployment.version : null;
  return versions.map((version) => ({ ...version, running: version.number === running }));
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
