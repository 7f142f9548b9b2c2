import type { FlowDocument } from "./document";

/** Old ids and what they are called now. */
export interface RenamedIds {
  readonly nodes: ReadonlyMap<string, string>;
  readonly notes: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, string>;
}

/** The drawing with other ids; wires, groups and cases follow. The same object when none of them is in it. */
export function renameIds(document: FlowDocument, { nodes, notes, groups }: RenamedIds): FlowDocument {
  if (nodes.size + notes.size + groups.size === 0) return document;
  const follow = (end: string) => {
    const [node = "", ...port] = end.split(".");
    return [nodes.get(node) ?? node, ...port].join(".");
  };
  const followKeys = <Value>(map: Record<string, Value>) =>
    Object.fromEntries(Object.entries(map).map(([end, value]) => [follow(end), value]));
  const rename = <Each extends { id: string }>(items: Each[], names: ReadonlyMap<string, string>): Each[] =>
    items.some((item) => names.has(item.id))
      ? items.map((item) => (names.has(item.id) ? { ...item, id: names.get(item.id)! } : item))
      : items;
  const renamed: FlowDocument = { ...document, nodes: rename(document.nodes, nodes) };
  if (nodes.size > 0) renamed.edges = document.edges.map((edge) => ({ from: follow(edge.from), to: follow(edge.to) }));
  if (document.notes) renamed.notes = rename(document.notes, notes);
  if (document.groups) {
    renamed.groups = rename(document.groups, groups).map((group) =>
      group.nodes.some((node) => nodes.has(node)) ? { ...group, nodes: group.nodes.map(follow) } : group,
    );
  }
  if (document.tests && nodes.size > 0) {
    renamed.tests = document.tests.map((each) => ({
      ...each,
      at: follow(each.at),
      expect: followKeys(each.expect),
      ...(each.answers ? { answers: followKeys(each.answers) } : {}),
      ...(each.fails ? { fails: each.fails.map((fail) => ({ ...fail, node: follow(fail.node) })) } : {}),
    }));
  }
  return renamed;
}
