import { describe, expect, it } from "vitest";
import { wiredPorts } from "./indexes";

describe("ports that wires leave by", () => {
  it("are the same object for a node whose wires stayed the same", () => {
    const before = [
      { from: "a", to: "b" },
      { from: "s.high", to: "b" },
    ];
    const after = [...before, { from: "s.low", to: "b" }];
    expect(wiredPorts(after, "a")).toBe(wiredPorts(before, "a"));
    expect([...wiredPorts(after, "s")]).toEqual(["high", "low"]);
    expect(wiredPorts(before, "s")).toEqual(new Set(["high"]));
    expect(wiredPorts(before, "b").size).toBe(0);
  });
});
