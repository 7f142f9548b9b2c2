"use client";

import { ViewportPortal } from "@xyflow/react";
import type { FlowDocument } from "@/flow/document";
import { type Box, bandWidth, type Hull, hullOf } from "./hull";
import { nodeHeight, nodeWidth, type Point } from "./measures";
import { regionsOf } from "./regions";

/** Behind the nodes of each saga, one soft ground, so that one sees where it begins and where it ends. */
export function SagaHulls({ document, places }: { document: FlowDocument; places: ReadonlyMap<string, Point> }) {
  const boxes = new Map<string, Box>();
  for (const node of document.nodes) {
    const place = places.get(node.id);
    if (place) boxes.set(node.id, { x: place.x, y: place.y, width: nodeWidth, height: nodeHeight(node) });
  }
  const hulls = regionsOf(document).flatMap((region) => {
    const ids = new Set([region.start, ...region.nodes]);
    const own = new Map([...boxes].filter(([id]) => ids.has(id)));
    const others = [...boxes].flatMap(([id, box]) => (ids.has(id) ? [] : [box]));
    const hull = hullOf(own, others, region.wires);
    return hull ? [{ id: region.start, hull }] : [];
  });
  return (
    <ViewportPortal>
      <svg className="saga-hulls" role="presentation">
        {hulls.map(({ id, hull }) => (
          <g key={id} data-saga={id}>
            {/* The edge first, then the ground over it: what is left of the edge runs around all of it. */}
            <Shape hull={hull} part="edge" />
            <Shape hull={hull} part="ground" />
          </g>
        ))}
      </svg>
    </ViewportPortal>
  );
}

function Shape({ hull, part }: { hull: Hull; part: "edge" | "ground" }) {
  const more = part === "edge" ? 1 : 0;
  return (
    <g className={`saga-${part}`}>
      {hull.bands.map(({ from, to }) => (
        <line
          key={`${from.x}:${from.y}:${to.x}:${to.y}`}
          x1={from.x}
          y1={from.y}
          x2={to.x}
          y2={to.y}
          strokeWidth={bandWidth + 2 * more}
        />
      ))}
      {hull.boxes.map(({ x, y, width, height }) => (
        <rect
          key={`${x}:${y}`}
          x={x - more}
          y={y - more}
          width={width + 2 * more}
          height={height + 2 * more}
          rx={16 + more}
        />
      ))}
    </g>
  );
}
