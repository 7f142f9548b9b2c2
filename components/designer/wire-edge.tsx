"use client";

import type { EdgeProps } from "@xyflow/react";
import clsx from "clsx";
import { Plus, X } from "lucide-react";
import dynamic from "next/dynamic";
import { memo, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { Wire } from "../drawing/wire";
import { useLive } from "../trpc/use-live";
import { formatCompact, formatCount, formatRate } from "../ui/formats";
import type { CanvasEdge } from "./canvas-state";
import { useDesigner, useDesignerStore } from "./context";
import { removeWires } from "./edit";
import { problemOfWire } from "./indexes";

const WireProblem = dynamic(() => import("./node-problem").then((module) => module.WireProblem), { ssr: false });

/** A wire on the canvas, with what passes it. */
export const WireEdge = memo(function WireEdge(props: EdgeProps<CanvasEdge>) {
  const { id, source, target, sourceHandleId, selected } = props;
  const store = useDesignerStore();
  const flow = useDesigner((state) => state.document.name);
  const problem = useDesigner((state) => problemOfWire(state.problems, id));
  const invalid = problem?.severity === "error";
  const takesDrop = useDesigner((state) => state.dropWire === id);
  const readOnly = useDesigner((state) => state.readOnly);
  const laid = useDesigner((state) => state.way !== null);
  const own = useDesigner((state) => state.way?.edges[id]);
  const [hovered, setHovered] = useState(false);
  const port = sourceHandleId ?? "out";
  const live = useLive(
    useShallow((all) => {
      const seen = all.flows[flow];
      const from = seen?.nodes[source];
      const to = seen?.nodes[target];
      return {
        running: seen?.desired === "running",
        rate: from?.rates[port] ?? 0,
        count: from?.ports[port] ?? 0,
        ahead: to?.state,
        // Only a source stands still; what it would send is what this wire lacks.
        stalled: from?.state === "stalled",
        cause: from?.state === "stalled" ? from.cause?.message : undefined,
      };
    }),
  );
  const isError = port === "error";
  const tone = invalid
    ? "bad"
    : live.running && (live.ahead === "halted" || live.stalled)
      ? "bad"
      : live.running && (live.ahead === "retrying" || live.ahead === "degraded")
        ? "warn"
        : live.count > 0
          ? "plain"
          : "quiet";
  const flowing = live.running && live.rate > 0;
  const stalled = live.running && live.stalled;
  const shown = live.running && (live.count > 0 || live.stalled);
  const ends = `${source}${port === "out" ? "" : `.${port}`} to ${target}`;
  const tools = !readOnly && (hovered || selected);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hovering only shows tools that Insert and Delete do too
    <g
      onMouseEnter={() => setHovered(true)}
      onMouseLeave={() => setHovered(false)}
      data-edge-id={id}
      data-way={laid ? (own?.tone ?? "off") : undefined}
    >
      <Wire
        sourceX={props.sourceX}
        sourceY={props.sourceY}
        targetX={props.targetX}
        targetY={props.targetY}
        sourcePosition={props.sourcePosition}
        targetPosition={props.targetPosition}
        tone={takesDrop ? "ok" : laid ? (own ? (own.tone === "idle" ? "plain" : own.tone) : "off") : tone}
        error={isError}
        flowing={flowing && !laid}
        back={own?.back ?? false}
        label={
          <span className="group relative flex items-center">
            {shown && !laid ? (
              <span
                className={clsx("wire-rate", tone === "warn" && "wire-rate-warn", tone === "bad" && "wire-rate-bad")}
                title={
                  stalled ? (live.cause ?? "Stalled") : `${formatCount(live.count)} messages since this version began`
                }
                data-testid="wire-count"
                data-edge={id}
                data-count={live.count}
              >
                {stalled ? "stalled" : flowing ? formatRate(live.rate) : formatCompact(live.count)}
              </span>
            ) : null}
            {problem && (hovered || selected) ? <WireProblem problem={problem} /> : null}
            {readOnly ? null : (
              <span
                className={clsx(
                  "flex items-center gap-1 transition-opacity group-hover:opacity-100 focus-within:opacity-100",
                  // Beside the rate, so that the rate stays in the middle of its wire.
                  shown && !laid && "absolute top-1/2 left-full -translate-y-1/2 pl-1",
                  tools ? "opacity-100" : "opacity-0",
                )}
              >
                <WireButton
                  label={`Insert a node into the wire from ${ends}`}
                  onPress={(box) => {
                    const state = store.getState();
                    state.set({
                      quickAdd: {
                        screen: { x: box.right, y: box.top },
                        at: {
                          x: (props.sourceX + props.targetX) / 2 - 106,
                          y: (props.sourceY + props.targetY) / 2 - 27,
                        },
                        wire: id,
                      },
                    });
                  }}
                >
                  <Plus className="size-3" aria-hidden />
                </WireButton>
                {selected ? (
                  <WireButton
                    label={`Delete the wire from ${ends}`}
                    onPress={() => {
                      const { document, apply } = store.getState();
                      apply(removeWires(document, [id]));
                    }}
                  >
                    <X className="size-3" aria-hidden />
                  </WireButton>
                ) : null}
              </span>
            )}
          </span>
        }
      />
    </g>
  );
});

function WireButton(props: { label: string; onPress(box: DOMRect): void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={props.label}
      title={props.label}
      className="grid size-5 place-items-center rounded-full border border-line bg-surface text-muted hover:border-accent hover:text-accent"
      onClick={(event) => {
        event.stopPropagation();
        props.onPress(event.currentTarget.getBoundingClientRect());
      }}
    >
      {props.children}
    </button>
  );
}
