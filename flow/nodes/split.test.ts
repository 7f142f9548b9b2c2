import { expect, it } from "vitest";
import { headersOf, makeContext, makeMessage, textOf } from "../testing/node-context";
import type { StepResult } from "../verdict";
import { splitBehaviour } from "./split.behaviour";

function divide(items: string, body: unknown) {
  const [result] = splitBehaviour
    .open({ items }, makeContext())
    .process([makeMessage(body, { key: "o-1", headers: { origin: "shop" } })], {
      signal: new AbortController().signal,
      attempt: 1,
    }) as StepResult[];
  return result!;
}

it("makes a message of each item, with key, headers, index and count", () => {
  const result = divide("body.lines", { lines: ["a", { sku: "b" }, null] });
  if (!("emit" in result)) throw new Error("not split");
  expect(result.emit.map(({ message }) => message.body)).toEqual(["a", { sku: "b" }, null]);
  expect(result.emit.map(({ message }) => headersOf(message))).toEqual([
    { origin: "shop", "split-index": "0", "split-count": "3" },
    { origin: "shop", "split-index": "1", "split-count": "3" },
    { origin: "shop", "split-index": "2", "split-count": "3" },
  ]);
  expect(result.emit.every(({ message, port }) => port === "out" && textOf(message.key) === "o-1")).toBe(true);
});

it("keeps something of the whole with each item", () => {
  const result = divide("body.lines.map(line, {'order': body.id, 'line': line})", { id: "o-1", lines: [1, 2] });
  expect("emit" in result && result.emit.map(({ message }) => message.body)).toEqual([
    { order: "o-1", line: 1 },
    { order: "o-1", line: 2 },
  ]);
});

it("makes nothing of an empty list", () => {
  expect(divide("body.lines", { lines: [] })).toEqual({ emit: [] });
});

it("numbers a split inside a split anew", () => {
  const split = splitBehaviour.open({ items: "body" }, makeContext());
  const context = { signal: new AbortController().signal, attempt: 1 };
  const [outer] = split.process([makeMessage([[1], [2, 3]])], context) as StepResult[];
  if (!outer || !("emit" in outer)) throw new Error("not split");
  const [inner] = split.process([outer.emit[1]!.message], context) as StepResult[];
  expect(inner && "emit" in inner && inner.emit.map(({ message }) => headersOf(message)["split-index"])).toEqual([
    "0",
    "1",
  ]);
});

it.each([
  ["a text", { lines: "abc" }],
  ["a record", { lines: {} }],
  ["null", { lines: null }],
])("rejects %s where a list is needed", (word, body) => {
  const result = divide("body.lines", body);
  expect(result).toMatchObject({
    verdict: "reject",
    cause: { code: "body-invalid", message: `\`items\` of node \`here\` gave ${word} and not a list.` },
  });
});

it("does not pass on the id of the whole, which its items are not", () => {
  const message = makeMessage({ lines: [1, 2] }, { headers: { "millrace-message-id": "whole", origin: "shop" } });
  const step = splitBehaviour.open({ items: "body.lines" }, makeContext());
  const [result] = step.process([message], { signal: new AbortController().signal, attempt: 1 }) as StepResult[];
  if (!result || !("emit" in result)) throw new Error("It was not divided.");
  for (const item of result.emit) expect(headersOf(item.message)).not.toHaveProperty("millrace-message-id");
});
