import { describe, expect, it } from "vitest";
import { matchesKeys, showKeys } from "./keys";

const press = (key: string, ...held: ("ctrlKey" | "metaKey" | "altKey" | "shiftKey")[]) => ({
  key,
  ctrlKey: held.includes("ctrlKey"),
  metaKey: held.includes("metaKey"),
  altKey: held.includes("altKey"),
  shiftKey: held.includes("shiftKey"),
});

describe("keys", () => {
  it.each([
    ["Ctrl+Z", press("z", "ctrlKey"), true],
    ["Ctrl+Z", press("z", "metaKey"), true],
    ["Ctrl+Z", press("Z", "ctrlKey", "shiftKey"), false],
    ["Ctrl+Shift+Z", press("Z", "ctrlKey", "shiftKey"), true],
    ["F", press("f"), true],
    ["F", press("f", "ctrlKey"), false],
    ["Shift+F", press("F", "shiftKey"), true],
    ["Alt+ArrowRight", press("ArrowRight", "altKey"), true],
    ["ArrowRight", press("ArrowRight", "altKey"), false],
    ["?", press("?", "shiftKey"), true],
    ["?", press("?"), true],
    ["?", press("?", "ctrlKey"), false],
  ])("%s", (keys, event, is) => {
    expect(matchesKeys(event, keys)).toBe(is);
  });

  it("are shown as people read them", () => {
    expect(showKeys("Ctrl+Shift+F")).toBe("Ctrl Shift F");
    expect(showKeys("Alt+ArrowRight")).toBe("Alt →");
  });
});
