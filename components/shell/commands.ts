import { create } from "zustand";
import type { Hit } from "@/flow/find";

/** What a page offers in the palette while it is open. */
export interface PageCommand {
  id: string;
  label: string;
  /** By which words it is found, beside its label. */
  words?: string;
  shortcut?: string;
  /** Under which words it stands; absent: what can be done here. */
  heading?: string;
  run(): void;
}

type Overlay = "palette" | "keys" | "find";

interface Commands {
  /** One at a time lies over the page. */
  open: Overlay | null;
  /** Asked when the palette opens, so that they fit what is chosen then. */
  listPageCommands: (() => PageCommand[]) | null;
  /** Leads to a place in the flow that this page shows; false for another flow. */
  goHere: ((flow: string, place: Pick<Hit, "in" | "id" | "field">) => boolean) | null;
  togglePalette(): void;
  openPalette(): void;
  openKeys(): void;
  openFind(): void;
  close(overlay: Overlay): void;
  /** Until they are taken back by what this gives. */
  offer(list: () => PageCommand[], goHere?: Commands["goHere"]): () => void;
}

/** Which of the shell's overlays is open. */
export const useCommands = create<Commands>()((set, get) => ({
  open: null,
  listPageCommands: null,
  goHere: null,
  togglePalette: () => set({ open: get().open === "palette" ? null : "palette" }),
  openPalette: () => set({ open: "palette" }),
  openKeys: () => set({ open: "keys" }),
  openFind: () => set({ open: "find" }),
  close: (overlay) => {
    if (get().open === overlay) set({ open: null });
  },
  offer(list, goHere = null) {
    set({ listPageCommands: list, goHere });
    return () => {
      if (get().listPageCommands === list) set({ listPageCommands: null, goHere: null });
    };
  },
}));
