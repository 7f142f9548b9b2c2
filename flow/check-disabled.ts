import type { FindKind } from "./configure";
import { usualPortOf } from "./disabled";
import type { FlowDocument } from "./document";
import type { Graph } from "./graph";
import type { Problem } from "./problems";
import { findRegions } from "./saga/region";

/** What disabled nodes cannot do, and what they keep from coming. One that passes on is no problem, and a source that does not read neither. */
export function checkDisabled(flow: FlowDocument, graph: Graph, find: FindKind): Problem[] {
  const disabled = flow.nodes.filter((node) => node.disabled);
  if (disabled.length === 0) return [];
  const inside = new Map(findRegions(graph, find).flatMap(({ start, nodes }) => nodes.map((node) => [node, start])));
  return disabled.flatMap((node): Problem[] => {
    const start = inside.get(node.id);
    const enable = { do: "set-disabled", label: "Enable" } as const;
    const place = { node: node.id, fix: enable } as const;
    if (start !== undefined) {
      const message = `\`${node.id}\` stands inside of the saga of \`${start}\` and cannot be disabled: what is in flight needs it. Enable it, or disable \`${start}\`, and no saga begins.`;
      return [{ code: "saga-node-disabled", severity: "error", message, ...place }];
    }
    const kind = find(node.kind);
    if (!kind || kind.role === "source") return [];
    if (node.disabled === "pass") {
      if (usualPortOf(node, find) !== undefined) return [];
      const message = `\`${node.id}\` (${kind.label}) is disabled and has no port to pass messages on by. Let it drop or block them.`;
      const fix = { do: "set-disabled", disabled: "drop", label: "Drop messages" } as const;
      return [{ code: "disabled-cannot-pass", severity: "error", message, node: node.id, fix }];
    }
    const what =
      node.disabled === "drop" ? "drops what comes to it" : "blocks: what leads to it is held until it is enabled";
    const message = `\`${node.id}\` is disabled and ${what}.`;
    return [{ code: "node-disabled", severity: "warning", message, ...place }];
  });
}
