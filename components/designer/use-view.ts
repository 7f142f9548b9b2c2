"use client";

import { useReactFlow, useStore } from "@xyflow/react";
import { type RefObject, useCallback, useEffect, useRef } from "react";
import { headHeight, nodeWidth } from "../drawing/measures";
import { motionMs } from "../ui/motion";
import { useDesigner, useDesignerStore } from "./context";
import { fitOptions } from "./fit-options";
import { inspectedNode } from "./store";

/**
 * Keeps in view what is looked at: while the canvas changes its size, the whole drawing as long as the person has not moved the view;
 * and always the node that is chosen, by whatever way.
 */
export function useView(frame: RefObject<HTMLElement | null>): {
  onMoveStart(event: unknown): void;
  onMoveEnd(): void;
} {
  const store = useDesignerStore();
  const flow = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const chosen = useDesigner(inspectedNode);
  const moved = useRef(false);
  const size = useRef({ width: 0, height: 0 });
  useEffect(() => {
    if (width === 0 || height === 0) return;
    const before = size.current;
    size.current = { width, height };
    // What is simulated brings its saga into view by itself.
    if (store.getState().simulating && before.width !== width) return;
    const resized = before.width !== 0 && (before.width !== width || before.height !== height);
    if (resized && !moved.current && store.getState().nodes.length > 0) {
      void flow.fitView({ ...fitOptions, minZoom: 0.7, duration: motionMs() }).then(reveal);
      return;
    }
    // A node that was just added is measured in the next frame.
    const frame = requestAnimationFrame(reveal);
    return () => cancelAnimationFrame(frame);

    function reveal() {
      const node = chosen === null ? undefined : flow.getInternalNode(chosen);
      if (!node || before.width === 0 || store.getState().nodes.some((each) => each.dragging)) return;
      const { x, y, zoom } = flow.getViewport();
      const left = node.internals.positionAbsolute.x * zoom + x;
      const top = node.internals.positionAbsolute.y * zoom + y;
      const by = {
        x: slide(left, left + nodeWidth * zoom, width - 24),
        y: slide(top, top + (node.measured.height ?? headHeight) * zoom, height - 64),
      };
      if (by.x !== 0 || by.y !== 0) void flow.setViewport({ x: x + by.x, y: y + by.y, zoom }, { duration: motionMs() });
    }
  }, [width, height, chosen, flow, store]);
  const onMoveStart = useCallback(
    (event: unknown) => {
      // Moves of our own come without an event; they are short.
      if (!event) return;
      moved.current = true;
      // Written past React: a move draws nothing of the canvas anew.
      frame.current?.setAttribute("data-moving", "");
    },
    [frame],
  );
  const onMoveEnd = useCallback(() => frame.current?.removeAttribute("data-moving"), [frame]);
  return { onMoveStart, onMoveEnd };
}

/** How far to slide so that a stretch lies between the margin and the end. */
function slide(from: number, to: number, end: number): number {
  if (from < 24) return 24 - from;
  return to > end ? Math.max(end - to, 24 - from) : 0;
}
