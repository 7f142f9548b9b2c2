"use client";

import { type ReactFlowState, useStore } from "@xyflow/react";
import { createContext, type ReactNode, use, useDeferredValue } from "react";

/** Below this zoom no word of a node or wire can be read. */
const readableZoom = 0.4;
const FarContext = createContext(false);

/**
 * Around what React Flow draws: from far away nodes and wires leave out their words, which nobody could read and which cost most of each
 * frame where hundreds are in sight. What tells a state by its colour stays. Within a `ReactFlowProvider`.
 */
export function Detail({ children }: { children: ReactNode }) {
  const isNowFar = useStore(isFar);
  // Words come when the view rests: drawing hundreds of them in the middle of a zoom would hold it up.
  const wasFar = useDeferredValue(isNowFar);
  const far = isNowFar || wasFar;
  return (
    <FarContext value={far}>
      <div className="contents" data-far={far || undefined}>
        {children}
      </div>
    </FarContext>
  );
}

/** Is the drawing looked at from so far that words are left out? */
export function useFar(): boolean {
  return use(FarContext);
}

function isFar({ transform: [, , zoom] }: ReactFlowState): boolean {
  return zoom < readableZoom;
}
