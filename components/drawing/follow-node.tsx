"use client";

import { useReactFlow, useStore } from "@xyflow/react";
import { Maximize } from "lucide-react";
import { useEffect, useRef } from "react";
import type { FlowNode } from "@/flow/document";
import { IconButton } from "../ui/button";
import { motionMs } from "../ui/motion";
import { findReadingView, revealNode } from "./reading-view";

/** Begins with a view in which the drawing can be read, and keeps the chosen node in sight. From then on the view is the person's. */
export function FollowNode({
  nodes,
  chosen,
  smallestZoom,
}: {
  nodes: readonly FlowNode[];
  chosen: string | null;
  /** So small it may begin, to be seen as a whole. */
  smallestZoom?: number | undefined;
}) {
  const { getViewport, setViewport, fitView } = useReactFlow();
  const width = useStore((store) => store.width);
  const height = useStore((store) => store.height);
  const begun = useRef(false);
  useEffect(() => {
    if (width === 0 || height === 0) return;
    if (!begun.current) {
      begun.current = true;
      void setViewport(findReadingView(nodes, { width, height }, chosen, smallestZoom));
      return;
    }
    const node = nodes.find(({ id }) => id === chosen);
    const view = node && revealNode(node, { width, height }, getViewport());
    if (view) void setViewport(view, { duration: motionMs() });
  }, [nodes, chosen, width, height, smallestZoom, getViewport, setViewport]);
  return (
    <span className="absolute bottom-5 right-2 z-[5]">
      <IconButton
        label="Fit the whole drawing"
        side="left"
        variant="secondary"
        onClick={() => void fitView({ padding: 0.14, maxZoom: 1.1, duration: motionMs() })}
      >
        <Maximize />
      </IconButton>
    </span>
  );
}
