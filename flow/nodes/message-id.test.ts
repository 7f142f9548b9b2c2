import { expect, it } from "vitest";
import { makeContext, makeMessage, makeRawMessage } from "../testing/node-context";
import { messageId } from "./message-id";

const whole = {};
const partOf = (index: number) => [".0", ".1", ".1.0"][index]!;

it("is the same each time the same message comes, whatever became of its content", () => {
  const first = messageId(makeMessage({ id: 1 }), makeContext(), whole, 0);
  expect(messageId(makeMessage({ id: 2 }), makeContext(), whole, 3)).toBe(first);
  expect(first).toBe("default/here/orders/source/orders%2F0/7/0");
});

it("is another for another position, part, node, flow and environment", () => {
  const message = makeMessage({ id: 1 });
  const context = makeContext();
  const ids = [
    messageId(message, context, whole, 0),
    messageId(makeMessage({ id: 1 }, { position: "8" }), context, whole, 0),
    messageId(makeRawMessage({ meta: { lane: "orders/1" } }), context, whole, 0),
    messageId(makeRawMessage({ meta: { source: "other" } }), context, whole, 0),
    ...[0, 1, 2].map((index) => messageId(message, context, { partOf }, index)),
    messageId(message, { ...context, node: "there" }, whole, 0),
    messageId(message, { ...context, groupName: "orders-2" }, whole, 0),
    messageId(message, { ...context, environment: "staging" }, whole, 0),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

it("does not change with a rename, nor on a dead letter's second way", () => {
  const context = makeContext();
  const renamed = { ...context, flow: "renamed" };
  const item = messageId(makeMessage({ id: 1 }), context, { partOf }, 2);
  expect(messageId(makeMessage({ id: 1 }), renamed, { partOf }, 2)).toBe(item);
  const origin = { lane: "orders/0", position: "7", part: "0.1", resent: true };
  const resent = makeRawMessage({ meta: { lane: "redrive", position: "letter", origin } });
  // It enters behind the place where it had gone its way `.1` already.
  expect(messageId(resent, context, { partOf: () => ".0" }, 0)).toBe(item);
});
