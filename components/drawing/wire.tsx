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
  tone?: "quiet" | "plain" | "ok" | "warn" | "bad" | "accent" | "undo" | "off";
  error?: boolean;
  /** Compensations went back along it: a second line beside it, with an arrow at where it comes from. */
  back?: boolean;
  flowing?: boolean;
  /** At the middle of the wire. */
  label?: ReactNode;
}

/** How far beside the wire the way back runs. */
const backOffset = 8;

/** A wire as it looks everywhere. */
export function Wire({ tone = "plain", error, flowing, back, label, ...ends }: WireProps) {
  const [path, labelX, labelY] = getBezierPath(ends);
  return (
    <>
      <path
        d={path}
        className={clsx(
          "react-flow__edge-path wire-path",
          tone !== "plain" && `wire-${tone}`,
          error && "wire-error",
          flowing && "wire-flows",
        )}
      />
      {flowing ? <path d={path} className="wire-flowing" /> : null}
      {back ? <WayBack {...ends} /> : null}
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

function WayBack(ends: Omit<WireProps, "tone" | "error" | "flowing" | "back" | "label">) {
  const { sourceX: x } = ends;
  const y = ends.sourceY + backOffset;
  const [path] = getBezierPath({ ...ends, sourceX: x + 8, sourceY: y, targetY: ends.targetY + backOffset });
  return (
    <>
      <path d={path} className="wire-back" />
      <path d={`M ${x + 2} ${y} l 9 -4 v 8 z`} className="wire-back-arrow" />
    </>
  );
}
