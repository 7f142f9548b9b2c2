"use client";

import clsx from "clsx";
import { type PointerEvent, useEffect, useState } from "react";

const widthKey = "millrace.inspector.width";

const limit = (width: number) => Math.max(300, Math.min(720, width));

/** The inspector's width, kept in the browser, with the grip to change it. */
export function useInspectorWidth() {
  const [width, setWidth] = useState(380);
  useEffect(() => {
    const kept = Number(localStorage.getItem(widthKey));
    if (kept > 0) setWidth(limit(kept));
  }, []);
  const keep = (next: number) => {
    setWidth(limit(next));
    localStorage.setItem(widthKey, String(limit(next)));
  };
  const start = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const grip = (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be moved has no element of its own
    <div
      role="separator"
      aria-label="Width of the inspector"
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={300}
      aria-valuemax={720}
      tabIndex={0}
      className={clsx("absolute -left-[3px] top-0 z-10 h-full w-1.5 cursor-col-resize hover:bg-accent/30")}
      onPointerDown={start}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) keep(window.innerWidth - event.clientX);
      }}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") keep(width + 20);
        if (event.key === "ArrowRight") keep(width - 20);
      }}
    />
  );
  return { width, grip };
}
