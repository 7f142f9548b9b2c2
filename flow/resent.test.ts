import { expect, it } from "vitest";
import { markResent, runHeader } from "./resent";

it("marks a message with the run that it came from first, once", () => {
  const once = markResent([["tenant", "a"]], "run-1");
  expect(once).toEqual([
    ["tenant", "a"],
    [runHeader, "run-1"],
  ]);
  expect(markResent(once, "run-2")).toEqual(once);
});
