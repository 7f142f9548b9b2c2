import "server-only";
import { defaultProject } from "@/flow/control";
import type { Db } from "../database";
import { type Webhook, webhooksOf } from "../flow-places";
import { readStored } from "./find-flow";

export interface ServedWebhook extends Webhook {
  flowId: string;
  flow: string;
  deploymentId: string;
  /** Of the workers that serve it; null: those without one. */
  label: string | null;
}

/** Every webhook of the flows that should run here. */
export async function findServedWebhooks(db: Db, environment: string): Promise<ServedWebhook[]> {
  const deployments = await db.deployment.findMany({
    where: { project: defaultProject, environment, desired: "running" },
    select: { id: true, flowId: true, version: true, label: true, flow: { select: { name: true } } },
  });
  if (deployments.length === 0) return [];
  const versions = await db.flowVersion.findMany({
    where: { OR: deployments.map(({ flowId, version }) => ({ flowId, number: version })) },
    select: { flowId: true, document: true },
  });
  return deployments.flatMap(({ id, flowId, label, flow }) => {
    const document = readStored(versions.find((version) => version.flowId === flowId)?.document);
    if (!document) return [];
    return webhooksOf(document).map((webhook) => ({ ...webhook, flowId, flow: flow.name, label, deploymentId: id }));
  });
}
