"use client";

import { useState } from "react";
import type { LaneView } from "@/server/views";
import { useLive } from "../trpc/use-live";
import { formatCount } from "../ui/formats";
import { Tag } from "../ui/tag";
import { useDesigner } from "./context";

const listedLanes = 12;
const noLanes: readonly LaneView[] = [];

/** The lanes of a source while it runs: up to where each is settled, how far behind it is, and which worker has it. */
export function Lanes({ node }: { node: string }) {
  const flow = useDesigner((state) => state.document.name);
  const all = useLive((live) => (live.flows[flow]?.desired === "running" ? live.flows[flow].lanes : noLanes));
  const [whole, setWhole] = useState(false);
  const lanes = all.filter((lane) => lane.node === node);
  if (lanes.length === 0) return null;
  const shown = whole ? lanes : lanes.slice(0, listedLanes);
  return (
    <section className="mt-1 border-t" aria-label="Lanes">
      <h3 className="flex items-center justify-between px-4 pb-1.5 pt-2.5 font-semibold">
        Lanes
        <span className="text-12 font-normal text-faint">settled @ · behind · worker</span>
      </h3>
      <ul>
        {shown.map((lane) => (
          <li key={lane.lane} className="flex items-center gap-2 border-t px-4 py-1 font-mono text-12 text-muted">
            <span className="min-w-0 truncate text-text" title={lane.lane}>
              {lane.lane}
            </span>
            <Position of={lane} />
            <State lane={lane} />
            <span className="shrink-0 tabular-nums">{lane.lag === null ? "–" : formatCount(lane.lag)}</span>
            <Owners lane={lane} />
          </li>
        ))}
      </ul>
      {lanes.length > shown.length ? (
        <button
          type="button"
          className="w-full border-t px-4 py-1.5 text-left text-12 text-accent hover:underline"
          onClick={() => setWhole(true)}
        >
          Show all {formatCount(lanes.length)}
        </button>
      ) : null}
    </section>
  );
}

/** Up to where all is safe, where the broker has words for it: not the name of a delivery. */
function Position({ of: { position } }: { of: LaneView }) {
  const told = position !== null && /^[\d:.-]+$/.test(position) ? position : null;
  return (
    <span className="min-w-0 flex-1 truncate text-faint" title={told === null ? undefined : `Settled up to ${told}`}>
      {told === null ? "" : `@ ${told}`}
    </span>
  );
}

/** Only what keeps it from going on. */
function State({ lane: { state, full, cause } }: { lane: LaneView }) {
  const words = state === "waiting" || (full && state !== "stalled" && state !== "retrying") ? "full" : state;
  if (words === "idle" || words === "flowing") return null;
  return (
    <span title={cause?.message}>
      <Tag tone={state === "stalled" ? "bad" : "warn"}>{words}</Tag>
    </span>
  );
}

function Owners({ lane: { owners } }: { lane: LaneView }) {
  const names = owners.map(
    ({ host, pid, label }) => `pid ${pid} on ${host}${label === null ? "" : `, label ${label}`}`,
  );
  const [first] = owners;
  return (
    <span className="w-40 shrink-0 truncate text-right" title={names.join("\n")}>
      {owners.length === 0
        ? "nobody"
        : owners.length === 1 && first
          ? `${first.label ?? first.host} ${first.pid}`
          : `${owners.length} workers`}
    </span>
  );
}
