import { create } from "zustand";

interface Commands {
  paletteOpen: boolean;
  keysOpen: boolean;
  openPalette(): void;
  openKeys(): void;
  closePalette(): void;
  closeKeys(): void;
}

/** Which of the shell's overlays is open. */
export const useCommands = create<Commands>()((set) => ({
  paletteOpen: false,
  keysOpen: false,
  openPalette: () => set({ paletteOpen: true, keysOpen: false }),
  openKeys: () => set({ keysOpen: true, paletteOpen: false }),
  closePalette: () => set({ paletteOpen: false }),
  closeKeys: () => set({ keysOpen: false }),
}));
