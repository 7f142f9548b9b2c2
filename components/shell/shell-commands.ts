import { chooseTheme } from "../ui/theme";
import { useCommands } from "./commands";
import type { Keys } from "./keys";

/** What can be done on every page: listed in the palette and the keyboard map, and listened for. */
export interface ShellCommand {
  id: string;
  label: string;
  words?: string;
  keys?: readonly Keys[];
  /** Also while a person types: a key with Ctrl is no letter. */
  whileTyping?: true;
  /** Keys only. */
  unlisted?: true;
  run(router: { push(href: string): void }): void;
}

export const shellCommands: readonly ShellCommand[] = [
  {
    id: "palette",
    label: "Search and commands",
    keys: ["Ctrl+K"],
    whileTyping: true,
    unlisted: true,
    run: () => useCommands.getState().togglePalette(),
  },
  {
    id: "find-everywhere",
    label: "Find in all flows",
    words: "search id title topic expression note",
    keys: ["Ctrl+Shift+F"],
    whileTyping: true,
    run: () => useCommands.getState().openFind(),
  },
  {
    id: "keys",
    label: "Keyboard map",
    words: "shortcuts help",
    keys: ["?"],
    run: () => useCommands.getState().openKeys(),
  },
  { id: "new-flow", label: "New flow", words: "create", run: (router) => router.push("/flows?new") },
  {
    id: "light",
    label: "Appearance: light",
    words: "theme",
    run: () => chooseTheme("light"),
  },
  { id: "dark", label: "Appearance: dark", words: "theme", run: () => chooseTheme("dark") },
  { id: "system", label: "Appearance: as the system", words: "theme", run: () => chooseTheme("system") },
];
