import { create } from "zustand";

/** What a page offers in the palette while it is open. */
export interface PageCommand {
  id: string;
  label: string;
  /** By which words it is found, beside its label. */
  words?: string;
  shortcut?: string;
  run(): void;
}

interface Commands {
  paletteOpen: boolean;
  keysOpen: boolean;
  /** Asked when the palette opens, so that they fit what is chosen then. */
  listPageCommands: (() => PageCommand[]) | null;
  openPalette(): void;
  openKeys(): void;
  closePalette(): void;
  closeKeys(): void;
  /** Until it is taken back by what this gives. */
  offer(list: () => PageCommand[]): () => void;
}

/** Which of the shell's overlays is open. */
export const useCommands = create<Commands>()((set, get) => ({
  paletteOpen: false,
  keysOpen: false,
  listPageCommands: null,
  openPalette: () => set({ paletteOpen: true, keysOpen: false }),
  openKeys: () => set({ keysOpen: true, paletteOpen: false }),
  closePalette: () => set({ paletteOpen: false }),
  closeKeys: () => set({ keysOpen: false }),
  offer(list) {
    set({ listPageCommands: list });
    return () => {
      if (get().listPageCommands === list) set({ listPageCommands: null });
    };
  },
}));
