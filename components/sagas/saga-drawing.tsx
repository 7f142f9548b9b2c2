"use client";

import { ArrowRight, Undo2 } from "lucide-react";
import dynamic from "next/dynamic";
import { useMemo } from "react";
import type { SagaView } from "@/server/saga-views";
import { useLiveFlow } from "../trpc/use-live";
import { EmptyState } from "../ui/empty-state";
import { formatMoment } from "../ui/formats";
import { Pill } from "../ui/tag";
import { wayOfSaga } from "./saga-way";

// The canvas library is large and the rest of the page is useful before it is there.
const FlowDrawing = dynamic(() => import("../drawing/flow-drawing").then((module) => module.FlowDrawing), {
  ssr: false,
});

/** The drawing of the version on which the saga began, with its way forward and what was taken back. */
export function SagaDrawing({
  saga,
  selected,
  onSelect,
}: {
  saga: SagaView;
  /** Kept where it can be read; null: the whole drawing is in sight. */
  selected: string | null;
  onSelect(node: string | null): void;
}) {
  const live = useLiveFlow(saga.flow);
  const { state, start, document } = saga;
  const way = useMemo(() => wayOfSaga(state, start, document), [state, start, document]);
  const gone = document.nodes.length === 0;
  return (
    <div className="dotted relative min-h-0 min-w-0 overflow-hidden">
      {gone ? (
        <EmptyState title="The drawing of this saga is gone">
          Its flow was deleted. What happened, the data and the times still tell.
        </EmptyState>
      ) : (
        <FlowDrawing
          document={document}
          way={way}
          selected={selected}
          onSelect={onSelect}
          follow={selected !== null}
          label="Drawing of the saga"
        />
      )}
      <Pill className="absolute left-3 top-3">
        <span suppressHydrationWarning>
          v{saga.version} · as it began on {formatMoment(saga.startedAt)}
        </span>
        {live && live.desired === "running" && live.version !== saga.version ? ` · v${live.version} runs now` : ""}
      </Pill>
      {gone ? null : (
        <Pill className="absolute bottom-3 left-3">
          <ArrowRight className="size-3.5 text-ok" aria-hidden /> went forward
          <Undo2 className="ml-2 size-3.5 text-undo" aria-hidden /> taken back
        </Pill>
      )}
    </div>
  );
}
