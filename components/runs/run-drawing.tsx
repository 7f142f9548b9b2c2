"use client";

import dynamic from "next/dynamic";
import { useMemo } from "react";
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

/** The drawing of the version that ran, with the way of this message coloured. */
export function RunDrawing({
  run,
  visits,
  selected,
  onSelect,
}: {
  run: RunView;
  visits: readonly Visit[];
  selected: string | null;
  onSelect(node: string | null): void;
}) {
  const live = useLiveFlow(run.flow);
  const way = useMemo(() => wayOf(visits, run.document.edges), [visits, run.document]);
  const gone = run.document.nodes.length === 0;
  return (
    <div className="dotted relative min-h-0 min-w-0 overflow-hidden">
      {gone ? (
        <EmptyState title="The drawing of this run is gone">
          Its flow was deleted. The steps still tell what happened.
        </EmptyState>
      ) : (
        <FlowDrawing document={run.document} way={way} selected={selected} onSelect={onSelect} />
      )}
      <Pill className="absolute left-3 top-3">
        <span suppressHydrationWarning>
          v{run.version} · as it ran on {formatMoment(run.startedAt)}
        </span>
        {live && live.desired === "running" && live.version !== run.version ? ` · v${live.version} runs now` : ""}
      </Pill>
    </div>
  );
}
