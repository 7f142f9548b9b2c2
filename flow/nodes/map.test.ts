import { describe, expect, it } from "vitest";
import { makeContext, makeMessage, textOf } from "../testing/node-context";
import { isFailure, type StepResult } from "../verdict";
import { type MapConfig, map } from "./map";
import { mapBehaviour } from "./map.behaviour";

function change(config: MapConfig, body: unknown) {
  const [result] = mapBehaviour
    .open(config, makeContext())
    .process([makeMessage(body, { key: "c-7", headers: { a: "1" } })], {
      signal: new AbortController().signal,
      attempt: 1,
    }) as StepResult[];
  if (result && isFailure(result)) return `${result.cause.code}: ${result.cause.message}`;
  if (!result || !("emit" in result)) throw new Error("A map makes a new message.");
  return result.emit[0]!.message;
}
const bodyOf = (config: MapConfig, body: unknown) => {
  const message = change(config, body);
  return typeof message === "string" ? message : message.body;
};

describe("set", () => {
  it("keeps the other fields, the key and the headers", () => {
    const message = change({ set: { total: "body.price * body.quantity" } }, { price: 2.5, quantity: 4, id: "o-1" });
    expect(message).toMatchObject({
      body: { price: 2.5, quantity: 4, id: "o-1", total: 10 },
      headers: [["a", expect.anything()]],
    });
    expect(typeof message === "string" || textOf(message.key)).toBe("c-7");
  });

  it("sees the body as it came in, in every field", () => {
    expect(bodyOf({ set: { a: "body.b", b: "body.a" } }, { a: 1, b: 2 })).toEqual({ a: 2, b: 1 });
  });

  it("reaches into records, and makes what is missing", () => {
    expect(
      bodyOf({ set: { "ship.city": "body.city", "ship.at": "meta.timestamp" } }, { city: "Ulm", ship: { by: "x" } }),
    ).toEqual({
      city: "Ulm",
      ship: { by: "x", city: "Ulm", at: 1_763_856_000_000 },
    });
  });

  it("rejects a body that is no record, naming field and words", () => {
    expect(bodyOf({ set: { total: "1" } }, "text")).toBe(
      "body-invalid: `set.total` of node `here` does not fit this message: `body` is a text, so `total` cannot be set in it.",
    );
    expect(bodyOf({ set: { total: "1" } }, null)).toMatch(/^body-invalid/);
  });

  it("rejects what fails, naming the field", () => {
    expect(bodyOf({ set: { ok: "1 + 1", total: "body.price * 2" } }, { price: "much" })).toMatch(
      /^expression-failed: `set\.total`/,
    );
  });
});

describe("value", () => {
  it("makes a new body, of any JSON", () => {
    expect(bodyOf({ value: "{'id': body.id}" }, { id: "o-1", more: true })).toEqual({ id: "o-1" });
    expect(bodyOf({ value: "[body.id, 1]" }, { id: "o-1" })).toEqual(["o-1", 1]);
    expect(bodyOf({ value: "body.id" }, { id: "o-1" })).toBe("o-1");
  });

  it("makes a tombstone of null", () => {
    const message = change({ value: "null" }, { id: "o-1" });
    expect(message).toMatchObject({ body: null, value: null });
  });

  it("keeps the digits of large integers", () => {
    const message = change({ set: { copy: "body.id" } }, { id: 9007199254740993n });
    expect(typeof message === "string" || textOf(message.value)).toBe(
      '{"id":9007199254740993,"copy":9007199254740993}',
    );
  });
});

it("check wants either, and not both", () => {
  expect(map.check!({})).toMatchObject([{ code: "config-field-missing", field: "set" }]);
  expect(map.check!({ set: {}, value: "" })).toHaveLength(1);
  expect(map.check!({ set: { a: "1" }, value: "body" })).toMatchObject([
    { code: "config-field-invalid", field: "value" },
  ]);
  expect(map.check!({ set: { a: "1" }, value: "" })).toEqual([]);
  expect(map.config.safeParse({ set: { "a b": "1" } }).success).toBe(false);
});
