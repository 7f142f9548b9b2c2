"use client";

import type { FieldChange, FlowDiff } from "@/flow/diff";
import type { Tone } from "../ui/callout";
import { Tag } from "../ui/tag";

const tones: Record<string, Tone> = { added: "ok", removed: "bad", changed: "accent" };

/** What differs, node by node, with the fields. */
export function ChangesList({ diff }: { diff: FlowDiff }) {
  const nodes = diff.nodes.filter(({ change }) => change !== "moved");
  const wires = [
    ...diff.edges.added.map((edge) => ({ edge, change: "added" })),
    ...diff.edges.removed.map((edge) => ({ edge, change: "removed" })),
  ];
  const own = diff.flow.filter(({ path }) => /^(title|description|settings)(\.|$)/.test(path));
  if (nodes.length + wires.length + own.length === 0) return null;
  return (
    <ul className="thin-scroll mt-1.5 flex max-h-52 flex-col gap-1.5 overflow-y-auto rounded-md bg-sunken px-3 py-2">
      {nodes.map((node) => (
        <li key={node.id}>
          <p className="flex items-center gap-2">
            <Tag tone={tones[node.change] ?? "idle"}>{node.change}</Tag>
            <span className="truncate font-medium">{node.title}</span>
          </p>
          {node.fields.slice(0, 8).map((field) => (
            <Change key={field.path} field={field} />
          ))}
          {node.fields.length > 8 ? <p className="pl-1 text-12 text-faint">and {node.fields.length - 8} more</p> : null}
        </li>
      ))}
      {wires.map(({ edge, change }) => (
        <li key={`${change}${edge}`} className="flex items-center gap-2">
          <Tag tone={tones[change] ?? "idle"}>{change}</Tag>
          <span className="truncate font-mono text-12">{edge.replace(">", " → ")}</span>
        </li>
      ))}
      {own.length > 0 ? (
        <li>
          <p className="flex items-center gap-2">
            <Tag tone="accent">changed</Tag>
            <span className="font-medium">Flow settings</span>
          </p>
          {own.map((field) => (
            <Change key={field.path} field={field} />
          ))}
        </li>
      ) : null}
    </ul>
  );
}

function Change({ field }: { field: FieldChange }) {
  return (
    <p className="truncate pl-1 font-mono text-12 text-muted">
      {field.path.replace(/^config\./, "")}: <del className="text-bad">{short(field.before)}</del>{" "}
      <ins className="text-ok no-underline">{short(field.after)}</ins>
    </p>
  );
}

function short(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
