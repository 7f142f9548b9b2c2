import { describe, expect, it } from "vitest";
import { readChoice, writeChoice } from "./choice";

const versions = [
  { number: 3, running: false },
  { number: 2, running: true },
  { number: 1, running: false },
];
const read = (address: string, list = versions) => readChoice(new URLSearchParams(address), list);

describe("what is compared", () => {
  it.each([
    ["", { from: 1, to: 2 }],
    ["to=3", { from: 2, to: 3 }],
    ["version=3", { from: 2, to: 3 }],
    ["to=1", { from: "nothing", to: 1 }],
    ["from=3&to=1", { from: 3, to: 1 }],
    ["to=draft", { from: "running", to: "draft" }],
    ["from=running&to=draft", { from: "running", to: "draft" }],
    ["from=9&to=x", { from: 1, to: 2 }],
  ])("?%s", (address, choice) => {
    expect(read(address)).toEqual(choice);
  });

  it("is the draft alone where there are no versions", () => {
    expect(read("from=running", [])).toEqual({ from: "nothing", to: "draft" });
  });

  it("is read from the address that it writes", () => {
    const choice = { from: 1, to: "draft" } as const;
    expect(read(writeChoice(choice).slice(1))).toEqual(choice);
  });
});
