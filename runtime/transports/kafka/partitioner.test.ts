import { expect, it } from "vitest";
import { murmur2, partitionOf } from "./partitioner";

const encoder = new TextEncoder();

// The values of Kafka's own UtilsTest.testMurmur2.
it.each([
  ["21", -973932308],
  ["foobar", -790332482],
  ["a-little-bit-long-string", -985981536],
  ["a-little-bit-longer-string", -1486304829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
  ["abc", 479470107],
])("hashes %s as Java does", (text, hash) => {
  expect(murmur2(encoder.encode(text))).toBe(hash);
});

it("makes a partition of any key, an empty one too", () => {
  for (const text of ["", "21", "foobar", "ключ"]) {
    const partition = partitionOf(encoder.encode(text), 7);
    expect(partition).toBeGreaterThanOrEqual(0);
    expect(partition).toBeLessThan(7);
  }
  // (-973932308 & 0x7fffffff) % 10
  expect(partitionOf(encoder.encode("21"), 10)).toBe(0);
});
