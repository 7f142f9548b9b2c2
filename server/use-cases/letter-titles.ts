import "server-only";
import { titleOfNode } from "@/flow/node-title";
import type { Db } from "../database";
import { readStored } from "./find-flow";

interface Place {
  readonly flowId: string;
  /** Its name when it failed: what it is called once the flow is gone. */
  readonly flow: string;
  readonly version: number;
  readonly node: string;
}

/** How a place is called now: the flow's name, and the titles of flow and node as their drawing shows them. */
export type LetterTitles = (place: Place) => { flow: string; flowTitle: string; nodeTitle: string };

/** Reads what flows and nodes are called in the drawings that dead letters failed in. */
export async function readLetterTitles(db: Db, places: readonly Place[]): Promise<LetterTitles> {
  const pairs = new Map(places.map(({ flowId, version }) => [`${flowId} ${version}`, { flowId, number: version }]));
  const [flows, versions] = await Promise.all([
    db.flow.findMany({
      where: { id: { in: places.map(({ flowId }) => flowId) } },
      select: { id: true, name: true, title: true },
    }),
    db.flowVersion.findMany({
      where: { OR: [...pairs.values()] },
      select: { flowId: true, number: true, document: true },
    }),
  ]);
  const flowOf = new Map(flows.map((flow) => [flow.id, flow]));
  const nodes = new Map(
    versions.flatMap(({ flowId, number, document }) =>
      (readStored(document)?.nodes ?? []).map((node) => [`${flowId} ${number} ${node.id}`, titleOfNode(node)] as const),
    ),
  );
  return ({ flowId, flow, version, node }) => {
    const found = flowOf.get(flowId);
    return {
      flow: found?.name ?? flow,
      flowTitle: found?.title ?? flow,
      nodeTitle: nodes.get(`${flowId} ${version} ${node}`) ?? node,
    };
  };
}
