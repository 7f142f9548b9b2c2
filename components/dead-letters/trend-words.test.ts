import { expect, it } from "vitest";
import { wordsOfVersions } from "./trend-words";

it("tells how many failed on each version, where there are several", () => {
  expect(wordsOfVersions({ versions: [{ version: 2, count: 30 }] })).toBe("v2");
  const versions = [
    { version: 2, count: 1_000 },
    { version: 1, count: 30 },
  ];
  expect(wordsOfVersions({ versions })).toBe("1,000 on v2, 30 on v1");
});
