"use client";

import { useReactFlow, useStore } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { useDesignerStore } from "./context";
import { inspectedNode } from "./store";

/** The whole drawing with room around it for the tools, never larger than life. */
export const fitOptions = { padding: { x: "32px", top: "32px", bottom: "64px" }, maxZoom: 1 } as const;

export const motionMs = () => (window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160);

/**
 * Keeps in view what is looked at while the canvas changes its size (the inspector opens, the window shrinks): the whole drawing as long
 * as the person has not moved the view, from then on the chosen node.
 */
export function useView(): { onMoveStart(event: unknown): void } {
  const store = useDesignerStore();
  const flow = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const moved = useRef(false);
  const first = useRef(true);
  useEffect(() => {
    if (width === 0 || height === 0) return;
    // The first size comes with React Flow's own fit.
    if (first.current) {
      first.current = false;
      return;
    }
    if (!moved.current) {
      void flow.fitView({ ...fitOptions, minZoom: 0.7, duration: motionMs() });
      return;
    }
    const id = inspectedNode(store.getState());
    const node = id === null ? undefined : flow.getInternalNode(id);
    if (!node) return;
    const { x, y, zoom } = flow.getViewport();
    const right = (node.internals.positionAbsolute.x + 212) * zoom + x;
    const bottom = (node.internals.positionAbsolute.y + (node.measured.height ?? 54)) * zoom + y;
    const over = { x: Math.max(0, right + 40 - width), y: Math.max(0, bottom + 60 - height) };
    if (over.x > 0 || over.y > 0) void flow.setViewport({ x: x - over.x, y: y - over.y, zoom });
  }, [width, height, flow, store]);
  return {
    onMoveStart(event) {
      // Moves of our own come without an event.
      if (event) moved.current = true;
    },
  };
}
