"use client";

import clsx from "clsx";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type MouseEvent, memo } from "react";
import { describeMatch, matchesOf } from "@/flow/run-search";
import type { RunSummary } from "@/server/views";
import { formatDuration } from "../ui/formats";
import { RelativeTime } from "../ui/relative-time";
import { wordsOfRun } from "../ui/state-words";
import { Td, Tr } from "../ui/table";
import { Dot } from "../ui/tag";
import { placeOfRun } from "./run-titles";

/** A run in one line. The marked one is where the keyboard is; of the others none is on the way of Tab, but the first when none is marked. */
export const RunRow = memo(function RunRow({
  run,
  title,
  showMatches,
  rowIndex,
  marked,
  tabbed,
  onMark,
  onOpen,
}: {
  run: RunSummary;
  /** Of the flow; null where it is not told. */
  title: string | null;
  showMatches: boolean;
  /** Counted from 1, where not all rows are drawn. */
  rowIndex: number | undefined;
  marked: boolean;
  tabbed: boolean;
  onMark(id: string): void;
  /** Before it is gone to. */
  onOpen(id: string): void;
}) {
  const router = useRouter();
  const href = `/runs/${run.id}`;
  const { tone, words } = wordsOfRun(run.state, run.settled);
  const matches = matchesOf(run).map(describeMatch).join(", ");
  const quiet = marked ? "text-muted" : "text-faint";
  function openRow(event: MouseEvent) {
    // What was dragged over is copied, not left.
    if (window.getSelection()?.toString()) return;
    if (event.metaKey || event.ctrlKey) {
      window.open(href, "_blank", "noopener");
      return;
    }
    onOpen(run.id);
    router.push(href);
  }
  return (
    <Tr
      selected={marked}
      data-row={run.id}
      aria-rowindex={rowIndex}
      className={clsx("cursor-pointer", marked && "[&>td:first-child]:shadow-[inset_3px_0_0_var(--accent)]")}
      onClick={openRow}
    >
      <Td>
        <Link
          href={href}
          tabIndex={tabbed ? 0 : -1}
          className="flex items-center gap-2"
          onFocus={() => onMark(run.id)}
          onClick={(event) => {
            event.stopPropagation();
            if (!event.metaKey && !event.ctrlKey && !event.shiftKey) onOpen(run.id);
          }}
          prefetch={false}
        >
          <Dot tone={tone} hollow={run.settled !== undefined} />
          {words}
        </Link>
      </Td>
      <Td className="font-mono text-12" title={run.key ?? undefined}>
        {run.key ?? <span className={clsx("font-sans", quiet)}>no key</span>}
      </Td>
      <Td>
        {title}
        <span className={title ? clsx("ml-1.5 text-12", quiet) : ""}>v{run.version}</span>
      </Td>
      <Td className="font-mono text-12 text-muted" title={placeOfRun(run)}>
        {placeOfRun(run)}
      </Td>
      <Td className="text-muted">
        <RelativeTime date={run.startedAt} />
      </Td>
      <Td align="right" className="font-mono text-12">
        {formatDuration(run.durationMs)}
      </Td>
      <Td align="right" className="font-mono text-12">
        <span className={run.attempts > 1 ? "text-warn" : quiet}>{run.attempts}</span>
      </Td>
      {showMatches ? (
        <Td className="text-12 text-muted" title={matches}>
          {matches}
        </Td>
      ) : null}
      <Td className="text-12 text-muted" title={run.error ?? undefined}>
        {run.error ? (
          <>
            {run.errorNode ? <span className={run.settled ? "" : "text-bad"}>{run.errorNode}: </span> : null}
            {run.error}
          </>
        ) : null}
      </Td>
    </Tr>
  );
});
