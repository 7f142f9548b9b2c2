import type { FlowDiff, NodeChange } from "@/flow/diff";
import { summarizeDiff } from "@/flow/diff";
import type { FlowDocument } from "@/flow/document";
import type { Way } from "../drawing/flow-drawing";
import { Tag } from "../ui/tag";

const changeWords: Record<NodeChange["change"], { tone: "ok" | "warn" | "bad" | "idle"; word: string }> = {
  added: { tone: "ok", word: "added" },
  changed: { tone: "warn", word: "changed" },
  removed: { tone: "bad", word: "removed" },
  moved: { tone: "idle", word: "moved" },
};

/** Lays a difference over the drawing: added and changed nodes in colour, what stayed as it was dimmed. */
export function wayOfDiff(diff: FlowDiff, document: FlowDocument): Way {
  const ids = new Set(document.nodes.map((node) => node.id));
  const nodes = Object.fromEntries(
    diff.nodes
      .filter((node) => ids.has(node.id))
      .map((node) => [node.id, { ...changeWords[node.change], words: changeWords[node.change].word }]),
  );
  const edges = Object.fromEntries(diff.edges.added.map((edge) => [edge, { tone: "ok" as const, label: "added" }]));
  return { nodes, edges };
}

/** The difference in words, field by field. */
export function VersionChanges({ diff, before }: { diff: FlowDiff; before: number }) {
  return (
    <section
      aria-label={`Changes since version ${before}`}
      className="thin-scroll absolute right-3 top-3 max-h-[calc(100%-24px)] w-80 overflow-auto rounded-lg border border-line bg-surface p-4 shadow-float"
    >
      <h3 className="font-semibold">Since v{before}</h3>
      <p className="mb-3 text-12 text-muted">{summarizeDiff(diff)}</p>
      <ul className="flex flex-col gap-3">
        {diff.nodes.map((node) => (
          <li key={node.id}>
            <p className="flex items-center gap-2">
              <span className="min-w-0 truncate font-medium">{node.title}</span>
              <Tag tone={changeWords[node.change].tone}>{changeWords[node.change].word}</Tag>
            </p>
            {node.change === "changed"
              ? node.fields.map((field) => (
                  <p key={field.path} className="break-words text-12 text-muted">
                    {field.path.replace(/^config\./, "")}:{" "}
                    <del className="font-mono text-bad">{showValue(field.before)}</del>{" "}
                    <ins className="font-mono text-ok no-underline">{showValue(field.after)}</ins>
                  </p>
                ))
              : null}
          </li>
        ))}
        {diff.edges.removed.map((edge) => (
          <li key={edge} className="flex items-center gap-2 text-12">
            <span className="min-w-0 truncate font-mono">{edge.replace(">", " → ")}</span>
            <Tag tone="bad">wire removed</Tag>
          </li>
        ))}
        {diff.edges.added.map((edge) => (
          <li key={edge} className="flex items-center gap-2 text-12">
            <span className="min-w-0 truncate font-mono">{edge.replace(">", " → ")}</span>
            <Tag tone="ok">wire added</Tag>
          </li>
        ))}
      </ul>
    </section>
  );
}

function showValue(value: unknown): string {
  if (value === undefined) return "not set";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
