import { expect, it } from "vitest";
import { Slice } from "./slice";

it("grows to whole flights where messages are cheap, and shrinks at once to what fits where they are not", () => {
  const slice = new Slice();
  const sizes: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    slice.note(slice.size, slice.size * 0.001);
    sizes.push(slice.size);
  }
  expect(sizes).toEqual([128, 512, 2_048, 4_096, 4_096]);
  slice.note(500, 5_000);
  expect(slice.size).toBe(1);
  // A slice that is nearly full keeps its size.
  slice.note(1, 8);
  expect(slice.size).toBe(1);
});

it("does not grow by slices that were not full", () => {
  const slice = new Slice();
  slice.note(3, 0.01);
  expect(slice.size).toBe(32);
});
