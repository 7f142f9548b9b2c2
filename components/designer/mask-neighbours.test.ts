import { expect, it } from "vitest";
import { addMask, isMasked, listShowing } from "./mask-neighbours";

const price = { path: "body.price", below: "operator" as const };

it("a mask is there when it, or the part that it stands in, is hidden from as many", () => {
  expect(isMasked(price, [price])).toBe(true);
  expect(isMasked(price, [{ ...price, below: "admin" }])).toBe(true);
  expect(isMasked({ ...price, below: "admin" }, [price])).toBe(false);
  expect(isMasked({ path: "body.card.number", below: "operator" }, [{ path: "body.card", below: "operator" }])).toBe(
    true,
  );
  expect(isMasked({ path: "body.cardholder", below: "operator" }, [{ path: "body.card", below: "operator" }])).toBe(
    false,
  );
});

it("flows that show what is masked here are named, and a mask is added there in the place of a weaker one", () => {
  const [masks, shows] = [
    { flow: "a", title: "A", places: ["orders"], masked: [price] },
    { flow: "b", title: "B", places: ["orders"], masked: [] },
  ];
  expect(listShowing(price, [masks!, shows!])).toEqual([shows]);
  expect(listShowing({ ...price, path: "" }, [shows!])).toEqual([]);
  expect(addMask([price], { ...price, below: "admin" })).toEqual([{ ...price, below: "admin" }]);
});
