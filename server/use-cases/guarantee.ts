import "server-only";
import { type Semantics, semanticsOf } from "@/flow/semantics";
import { database } from "../database";
import { listConnections } from "./connections";
import { findFlow, findVersionDocument } from "./find-flow";
import { lookUpBrokers } from "./look-up-brokers";

/** What the deployed version of a flow guarantees; null when it was never deployed, or cannot be read. */
export async function describeGuarantee(environment: string, flowName: string): Promise<Semantics | null> {
  const { prisma } = database();
  const { id, deployment } = await findFlow(prisma, environment, flowName);
  const document = deployment ? await findVersionDocument(prisma, id, deployment.version) : null;
  if (!document) return null;
  const { facts } = await lookUpBrokers(environment, document, await listConnections(environment));
  return semanticsOf(document, { facts });
}
