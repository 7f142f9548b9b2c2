"use client";

import clsx from "clsx";
import { type PointerEvent, useEffect, useState } from "react";
import { create } from "zustand";

const widthKey = "millrace.inspector.width";
const usual = 380;
/** From this width on input, settings and output stand side by side. */
export const wideFrom = 800;
const wide = 960;
/** What stays of the window for the palette and the drawing. */
const drawingWidth = 360;

const useWidth = create<{ width: number }>(() => ({ width: usual }));

/** In a narrow window it cannot be wide: its parts stay tabs. */
function limit(width: number): number {
  const room = typeof window === "undefined" ? 1_280 : window.innerWidth - drawingWidth;
  return Math.max(300, Math.min(1_280, room, width));
}

function keep(next: number): void {
  useWidth.setState({ width: limit(next) });
  localStorage.setItem(widthKey, String(limit(next)));
}

export const isWide = () => useWidth.getState().width >= wideFrom;
export const canBeWide = () => limit(wide) >= wideFrom;
/** Side by side, or back to tabs. */
export const toggleWide = () => keep(isWide() ? usual : wide);

/** The inspector's width, kept in the browser, with the grip to change it. */
export function useInspectorWidth() {
  const width = useWidth((state) => state.width);
  const [most, setMost] = useState(720);
  useEffect(() => {
    const keepWithin = () => {
      const kept = Number(localStorage.getItem(widthKey));
      useWidth.setState({ width: limit(kept > 0 ? kept : usual) });
      setMost(limit(10_000));
    };
    keepWithin();
    window.addEventListener("resize", keepWithin);
    return () => window.removeEventListener("resize", keepWithin);
  }, []);
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
      aria-valuemax={most}
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
  return { width, isWide: width >= wideFrom, canBeWide: most >= wideFrom, grip };
}
