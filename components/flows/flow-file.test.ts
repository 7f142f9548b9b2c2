import { describe, expect, it } from "vitest";
import { nameFromTitle, readFlowFile } from "./flow-file";

describe("names from titles", () => {
  it.each([
    ["Orders by country", "orders-by-country"],
    ["  Überweisungen – EU  ", "uberweisungen-eu"],
    ["a".repeat(80), "a".repeat(63)],
    ["???", ""],
  ])("%s", (title, name) => expect(nameFromTitle(title)).toBe(name));
});

describe("reading a file", () => {
  const file = (text: string) => new File([text], "x.flow.json");
  it("reads a flow", async () => expect(await readFlowFile(file('{"nodes":[]}'))).toEqual({ nodes: [] }));
  it("says what is wrong with a file that is not JSON", async () => {
    await expect(readFlowFile(file("{ nodes"))).rejects.toThrow(/x\.flow\.json is not JSON/);
  });
  it("refuses JSON that is no flow", async () => {
    await expect(readFlowFile(file("[1]"))).rejects.toThrow(/no nodes/);
  });
});
