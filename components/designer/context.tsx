"use client";

import { createContext, type ReactNode, use } from "react";
import { useStore } from "zustand";
import { type Standing, type StandingStore, withoutMoves } from "./standing-store";
import type { DesignerState, DesignerStore } from "./store";

const StoreContext = createContext<{ all: DesignerStore; standing: StandingStore } | null>(null);
const stores = new WeakMap<DesignerStore, { all: DesignerStore; standing: StandingStore }>();

export function DesignerProvider({ store, children }: { store: DesignerStore; children: ReactNode }) {
  let known = stores.get(store);
  if (!known) {
    known = { all: store, standing: withoutMoves(store) };
    stores.set(store, known);
  }
  return <StoreContext value={known}>{children}</StoreContext>;
}

function useStores() {
  const stores = use(StoreContext);
  if (!stores) throw new Error("The designer's store is read outside of a designer.");
  return stores;
}

export function useDesignerStore(): DesignerStore {
  return useStores().all;
}

/** Reads the designer's state; draws anew only when the selected part changes. */
export function useDesigner<Part>(select: (state: DesignerState) => Part): Part {
  return useStore(useStores().all, select);
}

/** As `useDesigner`, for what each node and wire reads: not asked while something is only dragged or chosen. */
export function useStanding<Part>(select: (state: Standing) => Part): Part {
  return useStore(useStores().standing, select);
}
