import "server-only";
import { findKind } from "@/flow/catalog";
import { configureNode } from "@/flow/configure";
import { listPlaces } from "@/flow/flow-places";
import { titleOfNode } from "@/flow/node-title";
import { readNamedGroup } from "@/flow/source-group";
import { database } from "../database";
import { groupIdOf } from "../flow-places";
import type { WaitingView } from "../views";
import { askWorker } from "../worker-client";
import { findFlow, findVersionDocument } from "./find-flow";

/** A broker that takes longer does not tell. */
const brokerTimeoutMs = 4_000;

/** How many messages wait at each source of what is deployed, as far as its broker tells. Sources without a broker have none. */
export async function readWaiting(environment: string, flowName: string): Promise<WaitingView[]> {
  const { prisma } = database();
  const { id, deployment } = await findFlow(prisma, environment, flowName);
  const document = deployment ? await findVersionDocument(prisma, id, deployment.version) : null;
  if (!deployment || !document) return [];
  const { groupName, generation } = deployment;
  const places = listPlaces(document);
  const sources = document.nodes.filter((node) => findKind(node.kind)?.role === "source" && !node.disabled);
  const asked = sources.map(async (node): Promise<WaitingView[]> => {
    const place = places.find((each) => each.node === node.id);
    if (!place) return [];
    const config = (configureNode(node).config ?? node.config) as Record<string, unknown>;
    const told = { node: node.id, title: titleOfNode(node), place: place.name };
    // Each worker has a place of its own there, and none runs.
    if (config.distribution === "each") return [{ ...told, messages: null }];
    const group =
      readNamedGroup(node.kind, config)?.group ?? groupIdOf({ environment, groupName, node: node.id, generation });
    const question = { connection: { name: place.connection }, place: place.name, type: place.type, group };
    const answer = await askWorker(environment, "source-waiting", question, brokerTimeoutMs).catch(() => null);
    return [{ ...told, messages: answer?.ok ? answer.answer.messages : null }];
  });
  return (await Promise.all(asked)).flat();
}
