import { expect, it } from "vitest";
import { wordsOfRollback } from "./rollback-words";

it("calls it a roll back only where it leads to an older version", () => {
  expect(wordsOfRollback(null, 1)).toBe("Roll back");
  expect(wordsOfRollback(2, 3)).toBe("Roll back to v2");
  expect(wordsOfRollback(3, 2)).toBe("Run v3 again");
});
