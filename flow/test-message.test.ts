import fc from "fast-check";
import { expect, it } from "vitest";
import { nameCase } from "./name-case";
import { fromPlainMessage, readTestMessage, writeTestMessage } from "./test-message";
import { drawFlow } from "./testing/drawing";

it("gives the same bytes again, whatever they are", () => {
  fc.assert(
    fc.property(fc.option(fc.uint8Array()), (value) => {
      expect(readTestMessage(writeTestMessage({ key: null, headers: [], value })).value).toEqual(value);
    }),
  );
});

it("writes JSON as a body, and keeps the digits of what JavaScript would round as text", () => {
  const write = (text: string) => fromPlainMessage({ key: null, headers: [], value: text, encoding: "text" });
  expect(write('{"a":1}')).toEqual({ body: { a: 1 } });
  expect(write('{"a":12345678901234567891}')).toEqual({ text: '{"a":12345678901234567891}' });
  expect(write("hello")).toEqual({ text: "hello" });
  expect(write("1.0")).toEqual({ text: "1.0" });
  expect(fromPlainMessage({ key: "k", headers: [["h", "v"]], value: null, encoding: "text" })).toEqual({
    key: "k",
    headers: [["h", "v"]],
    body: null,
  });
});

it("names a case by what comes and which one it is", () => {
  const flow = drawFlow([["in", "kafka-source", { connection: "kafka", topic: "shop.orders" }]]);
  const taken = new Set<string>();
  const name = (message: object) => {
    const made = nameCase(flow, "in", message, taken);
    taken.add(made);
    return made;
  };
  expect(name({ key: "4711" })).toBe("Order 4711");
  expect(name({ key: "4711" })).toBe("Order 4711 (2)");
  expect(name({ key: "order-12" })).toBe("order-12");
  expect(name({ body: { id: 7 } })).toBe("Order 7");
  expect(name({ text: "x" })).toBe("Order 1");
  expect(name({ text: "x" })).toBe("Order 2");
});
