import { expect, it } from "vitest";
import { sagaFork } from "./saga-fork";

it("has a port for each branch, which have names of their own", () => {
  const problems = (branches: string[]) =>
    sagaFork.check!(sagaFork.config.parse({ branches })).map(({ field }) => field);
  expect(sagaFork.ports({ branches: ["a", "b"] }).out).toEqual(["a", "b"]);
  expect(problems(["a", "b"])).toEqual([]);
  expect(problems(["a", "a", "error"])).toEqual(["branches.1", "branches.2"]);
  expect(sagaFork.config.safeParse({ branches: ["a"] }).success).toBe(false);
  expect(sagaFork.config.safeParse({ branches: ["a", "B c"] }).success).toBe(false);
});
