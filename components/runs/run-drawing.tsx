"use client";

import dynamic from "next/dynamic";
import { memo, useMemo } from "react";
import type { RunView } from "@/server/views";
import { useLiveFlow } from "../trpc/use-live";
import { EmptyState } from "../ui/empty-state";
import { formatMoment } from "../ui/formats";
import { Pill } from "../ui/tag";
import { type Visit, wayOf } from "./visits";

// The canvas library is large and the rest of the page is useful before it is there.
const FlowDrawing = dynamic(() => import("../drawing/flow-drawing").then((module) => module.FlowDrawing), {
  ssr: false,
});

const missingDrawing: Record<Exclude<RunView["drawing"], "there">, { title: string; words: string }> = {
  "flow-deleted": {
    title: "The drawing of this run is gone",
    words: "Its flow was deleted, and its versions with it.",
  },
  "version-missing": { title: "This version is not here", words: "The flow is there, and this version of it is not." },
  "version-unreadable": {
    title: "The drawing of this version cannot be read",
    words: "It is kept as it was, in a form that this release of Millrace does not know.",
  },
};

/** The drawing of the version that ran, with the way of this message coloured. */
export const RunDrawing = memo(function RunDrawing({
  run,
  visits,
  selected,
  onSelect,
  inScroller,
}: {
  run: RunView;
  visits: readonly Visit[];
  selected: string | null;
  onSelect(node: string | null): void;
  /** It stands in a page that scrolls. */
  inScroller: boolean;
}) {
  const live = useLiveFlow(run.flow);
  const way = useMemo(() => wayOf(visits, run.document.edges), [visits, run.document]);
  const missing = run.drawing === "there" ? null : missingDrawing[run.drawing];
  return (
    <div className="dotted relative min-h-0 min-w-0 overflow-hidden">
      {missing ? (
        <EmptyState title={missing.title}>{missing.words} The steps still tell what happened.</EmptyState>
      ) : (
        <FlowDrawing
          document={run.document}
          way={way}
          selected={selected}
          onSelect={onSelect}
          follow
          smallestZoom={0.4}
          inScroller={inScroller}
        />
      )}
      <Pill className="absolute left-3 top-3 max-w-[calc(100%-24px)] overflow-hidden">
        <span suppressHydrationWarning>
          v{run.version} · as it ran on {formatMoment(run.startedAt)}
        </span>
        {live && run.drawing !== "flow-deleted" && live.desired === "running" && live.version !== run.version
          ? ` · v${live.version} runs now`
          : ""}
      </Pill>
    </div>
  );
});
