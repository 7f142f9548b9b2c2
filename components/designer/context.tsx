"use client";

import { createContext, type ReactNode, use } from "react";
import { useStore } from "zustand";
import type { DesignerState, DesignerStore } from "./store";

const StoreContext = createContext<DesignerStore | null>(null);

export function DesignerProvider({ store, children }: { store: DesignerStore; children: ReactNode }) {
  return <StoreContext value={store}>{children}</StoreContext>;
}

export function useDesignerStore(): DesignerStore {
  const store = use(StoreContext);
  if (!store) throw new Error("The designer's store is read outside of a designer.");
  return store;
}

/** Reads the designer's state; draws anew only when the selected part changes. */
export function useDesigner<Part>(select: (state: DesignerState) => Part): Part {
  return useStore(useDesignerStore(), select);
}
