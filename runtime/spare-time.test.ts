import { expect, it } from "vitest";
import { adapt } from "./spare-time";

it("has more on its way while there is time to spare, and less in a busy process", () => {
  const follow = (utilizations: readonly number[]) => {
    let flights = 1;
    return utilizations.map((utilization) => {
      flights = adapt(flights, utilization);
      return flights;
    });
  };
  expect(follow([0.1, 0.1, 0.1, 0.1])).toEqual([2, 4, 4, 4]);
  expect(follow([0.1, 0.1, 0.9, 0.99, 1, 1])).toEqual([2, 4, 4, 2, 1, 1]);
});
