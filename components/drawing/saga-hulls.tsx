"use client";

import { ViewportPortal } from "@xyflow/react";
import type { FlowDocument } from "@/flow/document";
import { type Box, drawOutline, hullOf } from "./hull";
import { nodeHeight, nodeWidth, type Point } from "./measures";
import { regionsOf } from "./regions";

const cornerRadius = 16;

/** Behind the nodes of each saga, one soft ground, so that one sees where it begins and where it ends. */
export function SagaHulls({ document, places }: { document: FlowDocument; places: ReadonlyMap<string, Point> }) {
  const boxes = new Map<string, Box>();
  for (const node of document.nodes) {
    const place = places.get(node.id);
    if (place) boxes.set(node.id, { x: place.x, y: place.y, width: nodeWidth, height: nodeHeight(node) });
  }
  return (
    <ViewportPortal>
      <svg className="saga-hulls" role="presentation">
        {regionsOf(document).map(({ start, nodes }) => {
          const ids = new Set([start, ...nodes]);
          const hull = hullOf(
            [...boxes].flatMap(([id, box]) => (ids.has(id) ? [box] : [])),
            [...boxes].flatMap(([id, box]) => (ids.has(id) ? [] : [box])),
          );
          return hull ? (
            <g key={start} data-saga={start}>
              <path className="saga-ground" d={drawOutline(hull.outline, cornerRadius)} />
              {hull.islands.map(({ x, y, width, height }) => (
                <rect key={`${x}:${y}`} className="saga-island" {...{ x, y, width, height }} rx={cornerRadius} />
              ))}
            </g>
          ) : null;
        })}
      </svg>
    </ViewportPortal>
  );
}
