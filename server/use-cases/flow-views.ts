import "server-only";
import { defaultProject } from "@/flow/control";
import type { Deployment, Flow } from "@/prisma/generated/client";
import { type Db, database } from "../database";
import { hashDocument } from "../document-hash";
import type { DeploymentSummary, FlowSummary, FlowView } from "../views";
import { openStates } from "./dead-letters";
import { findFlow, findVersionDocument, readStored } from "./find-flow";

/** All flows, the last changed first. */
export async function listFlows(environment: string): Promise<FlowSummary[]> {
  const { prisma } = database();
  const [flows, open] = await Promise.all([
    prisma.flow.findMany({
      where: { project: defaultProject },
      include: {
        deployments: { where: { environment } },
        versions: { select: { number: true, hash: true }, orderBy: { number: "desc" } },
      },
      orderBy: { updatedAt: "desc" },
    }),
    countOpen(prisma, environment),
  ]);
  return flows.map(({ deployments, versions, ...flow }) =>
    summarize(flow, deployments[0] ?? null, versions, open.get(flow.id) ?? 0),
  );
}

/** One flow with its draft and what runs of it. */
export async function getFlow(environment: string, name: string): Promise<FlowView> {
  const { prisma } = database();
  const { deployment, ...flow } = await findFlow(prisma, environment, name);
  const [versions, open, running] = await Promise.all([
    prisma.flowVersion.findMany({
      where: { flowId: flow.id },
      select: { number: true, hash: true },
      orderBy: { number: "desc" },
    }),
    prisma.deadLetter.count({ where: { flowId: flow.id, environment, state: { in: [...openStates] } } }),
    deployment ? findVersionDocument(prisma, flow.id, deployment.version) : null,
  ]);
  return {
    ...summarize(flow, deployment, versions, open),
    draft: readStored(flow.draft),
    raw: flow.draft,
    running,
  };
}

/** Dead letters that are not settled, by flow id. */
export async function countOpen(db: Db, environment: string): Promise<Map<string, number>> {
  const groups = await db.deadLetter.groupBy({
    by: ["flowId"],
    where: { environment, state: { in: [...openStates] } },
    _count: { _all: true },
  });
  return new Map(groups.map((group) => [group.flowId, group._count._all]));
}

function summarize(
  flow: Flow,
  deployment: Deployment | null,
  versions: readonly { number: number; hash: string }[],
  deadLetters: number,
): FlowSummary {
  const compared = deployment ? versions.find(({ number }) => number === deployment.version) : versions[0];
  return {
    name: flow.name,
    title: flow.title,
    description: flow.description,
    revision: flow.revision,
    updatedAt: flow.updatedAt,
    kinds: [...new Set(readStored(flow.draft)?.nodes.map((node) => node.kind) ?? [])],
    example: flow.example !== null,
    deployment: deployment ? summarizeDeployment(deployment) : null,
    latestVersion: versions[0]?.number ?? 0,
    draftDiffers: compared !== undefined && compared.hash !== hashDocument(flow.draft),
    deadLetters,
  };
}

function summarizeDeployment(deployment: Deployment): DeploymentSummary {
  const { version, previous, revision, generation, updatedAt, updatedBy } = deployment;
  const desired = deployment.desired === "running" ? "running" : "stopped";
  return { version, previous, desired, revision, generation, updatedAt, updatedBy };
}
