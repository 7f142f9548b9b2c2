import "server-only";
import { titleOfNode } from "@/flow/node-title";
import type { Db } from "../database";
import { findVersionDocument } from "./find-flow";

/** What people call the nodes of a version, by id. */
export type NodeTitles = ReadonlyMap<string, string>;

/** Versions never change: what was read of them is kept. */
const known = new Map<string, NodeTitles>();
const maxKnown = 300;

/** Titles of the nodes of versions; of one that is gone, none. */
export async function readNodeTitles(
  db: Db,
  versions: readonly { readonly flowId: string; readonly version: number }[],
): Promise<(flowId: string, version: number) => NodeTitles> {
  const nameOf = (flowId: string, version: number) => `${flowId} ${version}`;
  const found = new Map<string, NodeTitles>();
  for (const { flowId, version } of versions) {
    const name = nameOf(flowId, version);
    if (found.has(name)) continue;
    const titles = known.get(name) ?? (await readTitles(db, flowId, version));
    found.set(name, titles);
    known.set(name, titles);
    if (known.size > maxKnown) known.delete(known.keys().next().value!);
  }
  return (flowId, version) => found.get(nameOf(flowId, version)) ?? new Map();
}

async function readTitles(db: Db, flowId: string, version: number): Promise<NodeTitles> {
  const document = await findVersionDocument(db, flowId, version);
  return new Map(document?.nodes.map((node) => [node.id, titleOfNode(node)]));
}
