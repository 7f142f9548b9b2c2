"use client";

import { EdgeLabelRenderer, getBezierPath, type Position } from "@xyflow/react";
import clsx from "clsx";
import type { ReactNode } from "react";

export interface WireProps {
  sourceX: number;
  sourceY: number;
  targetX: number;
  targetY: number;
  sourcePosition: Position;
  targetPosition: Position;
  /** Colour of its state; `quiet` = nothing yet, `off` = not on the way. */
  tone?: "quiet" | "plain" | "ok" | "warn" | "bad" | "off";
  error?: boolean;
  flowing?: boolean;
  /** At the middle of the wire. */
  label?: ReactNode;
}

/** A wire as it looks everywhere. */
export function Wire({ tone = "plain", error, flowing, label, ...ends }: WireProps) {
  const [path, labelX, labelY] = getBezierPath(ends);
  return (
    <>
      <path
        d={path}
        className={clsx("react-flow__edge-path wire-path", tone !== "plain" && `wire-${tone}`, error && "wire-error")}
      />
      {flowing ? <path d={path} className="wire-flowing" /> : null}
      <path d={path} fill="none" strokeOpacity={0} strokeWidth={20} className="react-flow__edge-interaction" />
      {label ? (
        <EdgeLabelRenderer>
          <div
            className="wire-label nodrag nopan"
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}
          >
            {label}
          </div>
        </EdgeLabelRenderer>
      ) : null}
    </>
  );
}
