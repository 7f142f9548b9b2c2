import type { FlowDocument } from "./document";
import type { Problem } from "./problems";

/** Groups name nodes that are there, each in one group at most. */
export function checkGroups({ groups = [], nodes }: FlowDocument): Problem[] {
  const known = new Set(nodes.map(({ id }) => id));
  const owners = new Map<string, string>();
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const [index, group] of groups.entries()) {
    const place = { severity: "error", field: `groups.${index}` } as const;
    if (seen.has(group.id)) {
      const message = `Two groups have the id \`${group.id}\`. Give each its own.`;
      problems.push({ code: "group-id-duplicate", message, ...place });
    }
    seen.add(group.id);
    const name = group.title || group.id;
    for (const [at, node] of group.nodes.entries()) {
      const leave = { do: "leave-group", group: index, at, label: "Take it out" } as const;
      const owner = owners.get(node);
      if (!known.has(node)) {
        const message = `The group “${name}” names \`${node}\`, which is not there. Take it out.`;
        problems.push({ code: "group-node-unknown", message, ...place, fix: leave });
      } else if (owner !== undefined) {
        const message =
          owner === group.id
            ? `The group “${name}” names \`${node}\` twice. Name it once.`
            : `\`${node}\` is in the groups \`${owner}\` and \`${group.id}\`. A node is in one at most: take it out of one of them.`;
        problems.push({ code: "group-node-twice", message, ...place, node, fix: leave });
      }
      owners.set(node, owner ?? group.id);
    }
  }
  return problems;
}
