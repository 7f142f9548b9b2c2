import "server-only";
import { defaultProject } from "@/flow/control";
import { type FlowDocument, flowSchema } from "@/flow/document";
import type { Db } from "../database";
import { notFound } from "../refusal";

/** A flow by name, with its deployment here. @throws TRPCError when there is none */
export async function findFlow(db: Db, environment: string, name: string) {
  const flow = await db.flow.findUnique({
    where: { project_name: { project: defaultProject, name } },
    include: { deployments: { where: { environment } } },
  });
  if (!flow) throw notFound("flow", name);
  const { deployments, ...rest } = flow;
  return { ...rest, deployment: deployments[0] ?? null };
}

/** A stored document; null when it is of a format that this version does not read. */
export function readStored(stored: unknown): FlowDocument | null {
  const parsed = flowSchema.safeParse(stored);
  return parsed.success ? parsed.data : null;
}

/** The document of a version; null when there is none or it cannot be read. */
export async function findVersionDocument(db: Db, flowId: string, number: number): Promise<FlowDocument | null> {
  const version = await db.flowVersion.findUnique({
    where: { flowId_number: { flowId, number } },
    select: { document: true },
  });
  return version ? readStored(version.document) : null;
}

/** Current names of flows by id: they may have been renamed since something was written about them. */
export async function findFlowNames(db: Db): Promise<Map<string, string>> {
  const flows = await db.flow.findMany({ where: { project: defaultProject }, select: { id: true, name: true } });
  return new Map(flows.map((flow) => [flow.id, flow.name]));
}
