import type { StoreApi } from "zustand/vanilla";
import type { DesignerState, DesignerStore } from "./store";

/** What changes with each move of the pointer while something is dragged. */
export type Moving = "nodes" | "guides";
export type Standing = Omit<DesignerState, Moving>;
export type StandingStore = Pick<StoreApi<Standing>, "getState" | "getInitialState" | "subscribe">;

/**
 * The designer's store without what moves: its listeners, thousands in a large flow, are told only when something else changed. The state
 * that they are given is the store's own.
 */
export function withoutMoves(store: DesignerStore): StandingStore {
  const listeners = new Set<(state: Standing, before: Standing) => void>();
  let end: (() => void) | null = null;
  const tell = (state: DesignerState, before: DesignerState) => {
    if (!isElsewhere(state, before)) return;
    for (const listener of listeners) listener(state, before);
  };
  return {
    getState: store.getState,
    getInitialState: store.getInitialState,
    subscribe(listener) {
      end ??= store.subscribe(tell);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        end?.();
        end = null;
      };
    },
  };
}

function isElsewhere(state: DesignerState, before: DesignerState): boolean {
  for (const name in state) {
    const field = name as keyof DesignerState;
    if (field !== "nodes" && field !== "guides" && state[field] !== before[field]) return true;
  }
  return false;
}
