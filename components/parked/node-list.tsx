"use client";

import clsx from "clsx";
import type { ParkedGroup } from "@/server/views";
import { formatCount } from "../ui/formats";
import { RelativeTime } from "../ui/relative-time";

/** Nodes at which messages wait, each with how many. */
export function NodeList({
  groups,
  current,
  onSelect,
}: {
  groups: readonly ParkedGroup[];
  current: { flow: string | undefined; node: string | null };
  onSelect(group: ParkedGroup | null): void;
}) {
  const total = groups.reduce((sum, group) => sum + group.count, 0);
  return (
    <nav aria-label="Nodes" className="thin-scroll min-h-0 w-[260px] shrink-0 overflow-auto border-r bg-surface py-2">
      <h2 className="px-4 pb-1 pt-1 text-12 font-medium text-muted">Waiting, by node</h2>
      <button
        type="button"
        aria-current={current.node === null ? "true" : undefined}
        onClick={() => onSelect(null)}
        className={clsx(
          "flex w-full items-center justify-between px-4 py-1.5 text-left",
          current.node === null ? "bg-accent-soft font-medium" : "hover:bg-hover",
        )}
      >
        All nodes
        <span className="font-mono text-12">{formatCount(total)}</span>
      </button>
      {groups.map((group) => {
        const here = current.node === group.node && (current.flow === undefined || current.flow === group.flow);
        return (
          <button
            key={`${group.flow} ${group.node}`}
            type="button"
            aria-current={here ? "true" : undefined}
            onClick={() => onSelect(group)}
            className={clsx("block w-full px-4 py-1.5 text-left", here ? "bg-accent-soft" : "hover:bg-hover")}
          >
            <span className="flex items-baseline justify-between gap-2">
              <span className="min-w-0 truncate font-mono text-12">{group.node}</span>
              <span className="shrink-0 font-mono text-12">{formatCount(group.count)}</span>
            </span>
            <span className={clsx("block truncate text-12", here ? "text-muted" : "text-faint")}>
              {group.flow} · first <RelativeTime date={group.since} />
            </span>
          </button>
        );
      })}
    </nav>
  );
}
