import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { divide, lengthOf } from "../e2e/lanes";

const specs = readdirSync(fileURLToPath(new URL("../e2e", import.meta.url))).filter((name) =>
  name.endsWith(".spec.ts"),
);

describe("the lanes of the browser tests", () => {
  it("have each spec once, and the walk through the examples in the first", () => {
    const lanes = divide(specs, 2);
    expect(lanes.flat().sort()).toEqual(specs.toSorted());
    expect(lanes[1]!.filter((spec) => /^0[1-7]-/.test(spec))).toEqual([]);
    expect(divide(specs, 1)[0]!.toSorted()).toEqual(specs.toSorted());
  });

  it("end at about the same time", () => {
    const [first, second] = divide(specs, 2).map((lane) => lane.reduce((sum, spec) => sum + lengthOf(spec), 0));
    expect(Math.abs(first! - second!)).toBeLessThan(60);
  });
});
