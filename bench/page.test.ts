import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readLatest } from "./latest";
import { fillPage } from "./page";
import { noResults } from "./results";

it("docs/performance.md says what was measured last (npm run docs)", () => {
  const page = readFileSync(new URL("../docs/performance.md", import.meta.url), "utf8");
  expect(page).toBe(fillPage(page, readLatest()));
});

it("fills its places, says where nothing was measured, and knows every place", () => {
  const page = "a\n<!-- measured: cases -->\nold\n<!-- /measured -->\nb\n";
  expect(fillPage(page, noResults)).toBe("a\n<!-- measured: cases -->\n*Not measured yet.*\n<!-- /measured -->\nb\n");
  expect(() => fillPage(page.replace("cases", "wishes"), noResults)).toThrow('no place "wishes"');
});
