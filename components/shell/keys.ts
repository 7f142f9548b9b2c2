/**
 * Keys as a table writes them, `Ctrl+Shift+F`: the same text is what is shown and what is listened for, so that the keyboard map cannot
 * differ from the keyboard. `Ctrl` stands for Cmd on a Mac, too.
 */
export type Keys = string;

interface PressedKey {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** Is this what was pressed? A sign that is typed with Shift on some keyboards, like `?`, may be. */
export function matchesKeys(event: PressedKey, keys: Keys): boolean {
  const parts = splitKeys(keys);
  const key = parts.at(-1)!.toLowerCase();
  const wants = (modifier: string) => parts.slice(0, -1).includes(modifier);
  if (event.key.toLowerCase() !== key) return false;
  if (wants("Ctrl") !== (event.ctrlKey || event.metaKey) || wants("Alt") !== event.altKey) return false;
  const isSign = key.length === 1 && !/[a-z]/.test(key);
  return isSign || wants("Shift") === event.shiftKey;
}

/** The plus sign divides, and is a key itself. */
function splitKeys(keys: Keys): string[] {
  return keys.endsWith("+") ? [...keys.slice(0, -1).split("+").filter(Boolean), "+"] : keys.split("+");
}

const shownNames: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Delete: "Del",
  Escape: "Esc",
};

/** As people read it: `Ctrl Shift F`. */
export function showKeys(keys: Keys): string {
  return splitKeys(keys)
    .map((part) => shownNames[part] ?? part)
    .join(" ");
}

/** Is the person writing somewhere, so that a letter is a letter? */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(input|textarea|select)$/i.test(target.tagName) ||
      target.closest(".cm-editor") !== null)
  );
}
