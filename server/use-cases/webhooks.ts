import "server-only";
import { defaultProject } from "@/flow/control";
import type { Db } from "../database";
import { type Webhook, webhooksOf } from "../flow-places";
import { readStored } from "./find-flow";

export interface ServedWebhook extends Webhook {
  flowId: string;
  flow: string;
  deploymentId: string;
}

/** Every webhook of the flows that should run here. */
export async function findServedWebhooks(db: Db, environment: string): Promise<ServedWebhook[]> {
  const deployments = await db.deployment.findMany({
    where: { project: defaultProject, environment, desired: "running" },
    select: { id: true, flowId: true, version: true, flow: { select: { name: true } } },
  });
  if (deployments.length === 0) return [];
  const versions = await db.flowVersion.findMany({
    where: { OR: deployments.map(({ flowId, version }) => ({ flowId, number: version })) },
    select: { flowId: true, document: true },
  });
  return deployments.flatMap(({ id, flowId, flow }) => {
    const document = readStored(versions.find((version) => version.flowId === flowId)?.document);
    if (!document) return [];
    return webhooksOf(document).map((webhook) => ({ ...webhook, flowId, flow: flow.name, deploymentId: id }));
  });
}
