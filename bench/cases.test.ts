import { expect, it } from "vitest";
import { kinds } from "@/flow/catalog";
import { checkFlow } from "@/flow/check";
import { cases } from "./cases";
import { shapes } from "./shapes";

it("every flow of every case can be deployed", () => {
  for (const [name, { sides, input, output }] of Object.entries(cases)) {
    for (const side of sides) {
      if (side.by !== "flow") continue;
      const to = side.output ?? output;
      const outputs = Array.from(
        { length: to.to === "topics" ? to.count : (to.places ?? 1) },
        (_, index) => `out-${index}`,
      );
      const from = side.input ?? input;
      const inputs = Array.from({ length: ("places" in from && from.places) || 1 }, (_, index) => `in-${index}`);
      for (const flow of side.flows({ input: inputs[0]!, inputs, outputs })) {
        const problems = checkFlow(flow).filter(({ severity }) => severity === "error");
        expect(problems, `${name}, ${side.name}`).toEqual([]);
      }
    }
  }
  expect(kinds.length).toBeGreaterThan(0);
});

it("messages have the size that they are named after, and as many pass as the cases say", () => {
  const sizes = Object.entries(shapes).map(([name, shape]) => [
    name,
    new Set([0, 7, 99_999, 1_234_567].map((n) => Buffer.byteLength(shape.message(n).value))),
  ]);
  expect(Object.fromEntries(sizes)).toEqual({
    orders: new Set([200]),
    "orders-1k": new Set([1_000]),
    "orders-10k": new Set([10_000]),
    baskets: new Set([200]),
  });
  const made = Array.from({ length: 10_000 }, (_, n) => shapes.orders!.message(n));
  const share = (passes: (message: (typeof made)[number]) => boolean) => made.filter(passes).length / made.length;
  expect(share(({ key }) => key.endsWith("07"))).toBe(0.01);
  expect(share(({ headers }) => headers.kind === "rare")).toBe(0.01);
  expect(share(({ value }) => (JSON.parse(value) as { kind: string }).kind === "rare")).toBe(0.01);
  expect(share(({ value }) => (JSON.parse(value) as { quantity: number }).quantity > 4)).toBe(0.5);
});
