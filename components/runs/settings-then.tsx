import { Fragment } from "react";
import { defaultRetry, type FlowNode } from "@/flow/document";
import type { Kind } from "@/flow/kind";
import { JsonTree } from "../payload/json-tree";
import { formatDuration } from "../ui/formats";

/** The node's settings as they were in the version that ran. */
export function SettingsThen({
  node,
  kind,
  version,
  missing = "The drawing of this version is gone, and its settings with it.",
}: {
  node: FlowNode | undefined;
  kind: Kind | undefined;
  version: number;
  /** Said where there is no node. */
  missing?: string;
}) {
  if (!node) return <p className="text-muted">{missing}</p>;
  const titles = titlesOf(kind);
  const retry = node.retry ?? defaultRetry;
  return (
    <div>
      <p className="mb-3 text-12 text-muted">As deployed in v{version}.</p>
      <dl className="grid grid-cols-[120px_1fr] gap-y-1.5">
        {Object.entries(node.config).map(([field, value]) => (
          <Fragment key={field}>
            <dt className="text-muted">{titles[field] ?? field}</dt>
            <dd className="min-w-0 break-words font-mono text-12 leading-5">
              {typeof value === "object" && value !== null ? (
                <JsonTree value={JSON.parse(JSON.stringify(value))} />
              ) : (
                String(value)
              )}
            </dd>
          </Fragment>
        ))}
        {kind?.role === "source" ? null : (
          <>
            <dt className="text-muted">Retry</dt>
            <dd>
              {retry.attempts === 1
                ? "One attempt"
                : `${retry.attempts} attempts, ${retry.backoff === "fixed" ? "each" : "at first"} after ${formatDuration(retry.delayMs)}`}
              {node.retry ? "" : " (not set: the usual)"}
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}

/** Titles of fields, as the form shows them. */
function titlesOf(kind: Kind | undefined): Record<string, string> {
  const shape =
    (kind?.config as { shape?: Record<string, { meta?(): { title?: string } | undefined }> } | undefined)?.shape ?? {};
  return Object.fromEntries(Object.entries(shape).map(([field, schema]) => [field, schema.meta?.()?.title ?? field]));
}
