"use client";

import type { EdgeProps } from "@xyflow/react";
import clsx from "clsx";
import { Plus, X } from "lucide-react";
import dynamic from "next/dynamic";
import { memo, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import type { LiveView } from "@/server/views";
import { useFar } from "../drawing/detail";
import { Wire } from "../drawing/wire";
import { useLive } from "../trpc/use-live";
import { formatCompact, formatCount, formatRate } from "../ui/formats";
import type { CanvasEdge } from "./canvas-state";
import { useDesignerStore, useStanding } from "./context";
import { removeWires } from "./edit";
import { problemOfWire } from "./indexes";
import { pressureOf, wordsOfPressure } from "./live-figures";

const WireProblem = dynamic(() => import("./node-problem").then((module) => module.WireProblem), { ssr: false });

/** A wire on the canvas, with what passes it. */
export const WireEdge = memo(function WireEdge(props: EdgeProps<CanvasEdge>) {
  const { id, source, target, sourceHandleId, selected } = props;
  const flow = useStanding((state) => state.document.name);
  const invalid = useStanding((state) => problemOfWire(state.problems, id)?.severity === "error");
  const takesDrop = useStanding((state) => state.dropWire === id);
  const laid = useStanding((state) => state.way !== null);
  const own = useStanding((state) => state.way?.edges[id]);
  const [hovered, setHovered] = useState(false);
  const far = useFar();
  const port = sourceHandleId ?? "out";
  const seen = useLive((all) => lookAt(all.flows[flow], source, port, target));
  const tone = invalid ? "bad" : toneOf(seen);
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
        error={port === "error"}
        flowing={seen.endsWith("flowing") && !laid}
        back={own?.back ?? false}
        label={
          far ? null : (
            <WireLabel wire={props} flow={flow} port={port} tone={tone} tools={hovered || selected === true} />
          )
        }
      />
    </g>
  );
});

/**
 * How a wire stands, as far as its line shows it. One word, so that counts, which change twice a second, draw no line anew.
 * Only a source stands still; what it would send is what its wire lacks.
 */
type Look = "quiet" | "plain" | "flowing" | "warn" | "warn flowing" | "bad" | "bad flowing";

function lookAt(flow: LiveView | undefined, source: string, port: string, target: string): Look {
  const from = flow?.nodes[source];
  if (!flow || !from) return "quiet";
  if (flow.desired !== "running") return (from.ports[port] ?? 0) > 0 ? "plain" : "quiet";
  const ahead = flow.nodes[target]?.state;
  const flowing = (from.rates[port] ?? 0) > 0;
  if (ahead === "halted" || from.state === "stalled") return flowing ? "bad flowing" : "bad";
  if (ahead === "retrying" || ahead === "degraded") return flowing ? "warn flowing" : "warn";
  if (flowing) return "flowing";
  return (from.ports[port] ?? 0) > 0 ? "plain" : "quiet";
}

function toneOf(look: Look): "quiet" | "plain" | "warn" | "bad" {
  if (look === "flowing") return "plain";
  return look.split(" ")[0] as "quiet" | "plain" | "warn" | "bad";
}

/** At the middle of a wire: how much passes, what is amiss, and what can be done to it. */
function WireLabel(props: { wire: EdgeProps<CanvasEdge>; flow: string; port: string; tone: string; tools: boolean }) {
  const { wire, flow, port, tone } = props;
  const { id, source, target, selected } = wire;
  const store = useDesignerStore();
  const problem = useStanding((state) => problemOfWire(state.problems, id));
  const readOnly = useStanding((state) => state.readOnly);
  const laid = useStanding((state) => state.way !== null);
  const live = useLive(
    useShallow((all) => {
      const seen = all.flows[flow];
      const from = seen?.desired === "running" ? seen.nodes[source] : undefined;
      const behind = seen && from ? wordsOfPressure(pressureOf(seen.lanes, source), from.rates[port] ?? 0) : null;
      return {
        rate: from?.rates[port] ?? 0,
        count: from?.ports[port] ?? 0,
        behind: behind?.short,
        wait: behind?.whole,
        stalled: from?.state === "stalled",
        cause: from?.state === "stalled" ? from.cause?.message : undefined,
      };
    }),
  );
  const shown = !laid && (live.count > 0 || live.stalled || live.behind !== undefined);
  const ends = `${source}${port === "out" ? "" : `.${port}`} to ${target}`;
  return (
    <span className="group relative flex items-center">
      {shown ? (
        <span
          className={clsx("wire-rate", tone === "warn" && "wire-rate-warn", tone === "bad" && "wire-rate-bad")}
          title={
            live.stalled
              ? (live.cause ?? "Stalled")
              : [`${formatCount(live.count)} messages since this version began.`, live.wait ?? ""].join(" ").trim()
          }
          data-testid="wire-count"
          data-edge={id}
          data-count={live.count}
        >
          {live.stalled ? "stalled" : live.rate > 0 ? formatRate(live.rate) : formatCompact(live.count)}
          {live.behind === undefined ? null : <span className="wire-behind">{live.behind}</span>}
        </span>
      ) : null}
      {problem && props.tools ? <WireProblem problem={problem} /> : null}
      {readOnly ? null : (
        <span
          className={clsx(
            "flex items-center gap-1 transition-opacity group-hover:opacity-100 focus-within:opacity-100",
            // Beside the rate, so that the rate stays in the middle of its wire.
            shown && "absolute top-1/2 left-full -translate-y-1/2 pl-1",
            props.tools ? "opacity-100" : "opacity-0",
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
                    x: (wire.sourceX + wire.targetX) / 2 - 106,
                    y: (wire.sourceY + wire.targetY) / 2 - 27,
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
  );
}

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
