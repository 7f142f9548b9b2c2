import type { FlowDocument } from "@/flow/document";
import { freeId } from "./free-id";

export type Group = NonNullable<FlowDocument["groups"]>[number];
type Groups = readonly Group[];

/** Groups of a drawing, each a change from one document to the next; a group without nodes is none. */

function setGroups(document: FlowDocument, groups: Groups): FlowDocument {
  const left = groups.filter(({ nodes }) => nodes.length > 0);
  const { groups: _before, ...rest } = document;
  return left.length > 0 ? { ...rest, groups: [...left] } : rest;
}

export function groupOf(document: FlowDocument, node: string): Group | undefined {
  return document.groups?.find(({ nodes }) => nodes.includes(node));
}

/**
 * Makes a group of nodes, which leave the ones they were in. Nodes that are chosen together with a whole group come to that group.
 * `id` is empty where there is nothing to group.
 */
export function groupNodes(document: FlowDocument, ids: readonly string[]): { document: FlowDocument; id: string } {
  const known = new Set(document.nodes.map(({ id }) => id));
  const chosen = [...new Set(ids)].filter((id) => known.has(id));
  if (chosen.length === 0) return { document, id: "" };
  const before = document.groups ?? [];
  const whole = before.filter(({ nodes }) => nodes.every((node) => chosen.includes(node)));
  const [only] = whole.length === 1 ? whole : [];
  if (only && only.nodes.length === chosen.length) return { document, id: only.id };
  const id =
    only?.id ??
    freeId(
      before.map((group) => group.id),
      "group",
    );
  const others = before
    .filter((group) => group !== only)
    .map((group) => ({ ...group, nodes: group.nodes.filter((node) => !chosen.includes(node)) }));
  const group: Group = only ? { ...only, nodes: chosen } : { id, title: "Group", color: "blue", nodes: chosen };
  return { document: setGroups(document, [...others, group]), id };
}

/** Takes the frame away; its nodes stay. */
export function ungroup(document: FlowDocument, ids: readonly string[]): FlowDocument {
  if (!document.groups?.some(({ id }) => ids.includes(id))) return document;
  return setGroups(
    document,
    document.groups.filter(({ id }) => !ids.includes(id)),
  );
}

export function changeGroup(
  document: FlowDocument,
  id: string,
  change: Partial<Pick<Group, "title" | "color">>,
): FlowDocument {
  return setGroups(
    document,
    (document.groups ?? []).map((group) => (group.id === id ? { ...group, ...change } : group)),
  );
}

/** Takes nodes out of their groups: each one that is deleted leaves its own. */
export function leaveGroups(document: FlowDocument, ids: readonly string[]): FlowDocument {
  if (!document.groups?.some(({ nodes }) => nodes.some((node) => ids.includes(node)))) return document;
  return setGroups(
    document,
    document.groups.map((group) => ({ ...group, nodes: group.nodes.filter((node) => !ids.includes(node)) })),
  );
}
