import { expect, it } from "vitest";
import { adapt } from "./spare-time";

it("has more on its way while there is time to spare, and less in a busy process", () => {
  const follow = (utilizations: readonly number[]) =>
    utilizations.reduce<number[]>((flights, each) => [...flights, adapt(flights.at(-1) ?? 1, each)], []);
  expect(follow([0.1, 0.1, 0.1, 0.1])).toEqual([2, 4, 4, 4]);
  expect(follow([0.1, 0.1, 0.9, 0.99, 1, 1])).toEqual([2, 4, 4, 2, 1, 1]);
});
