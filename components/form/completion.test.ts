import { describe, expect, it } from "vitest";
import { closedObject, type Shape } from "@/flow/shape/shape";
import { ownerBefore, suggest } from "./completion";

const scope = {
  values: { body: { country: "DE", address: { city: "Köln" }, items: [{ id: 1 }] }, key: "c-7" },
  words: "",
};
const variables = ["body", "key", "headers", "meta"];
const labels = (text: string) => suggest(text, scope, variables)?.suggestions.map(({ label }) => label);
const schema: Shape = closedObject({ total: { shape: { is: "number" }, optional: true, doc: "With tax" } });

describe("completion", () => {
  it("begins with the variables and functions", () => {
    expect(labels("")).toEqual(expect.arrayContaining(["body", "meta", "has", "round"]));
    expect(labels("body.country == 'DE' && ")).toContain("key");
  });
  it("knows the fields of the sample, with their types and what they hold", () => {
    expect(labels("body.")).toEqual(["country", "address", "items"]);
    expect(suggest("has(body.co", scope, variables)).toMatchObject({
      from: 9,
      suggestions: [{ label: "country", detail: 'text · "DE"' }, { label: "address", detail: "object of 1" }, {}],
    });
    expect(labels("body.address.")).toEqual(["city"]);
    expect(labels("body.items[0].")).toEqual(["id"]);
    expect(labels("meta.")).toContain("position");
  });
  it("goes by what is known of the body, with the schema's words", () => {
    expect(suggest("body.", scope, variables, schema)?.suggestions).toEqual([
      { label: "total", kind: "property", detail: "number?", info: "With tax" },
    ]);
  });
  it("offers what a value can do, with signature and words", () => {
    const found = suggest("body.country.", scope, variables)!.suggestions.find(({ label }) => label === "replace");
    expect(found).toMatchObject({ detail: "(part, by): text", apply: "replace(" });
    expect(found?.info).toContain("text.replace(part, by): text");
    expect(labels("body.items.")).toContain("exists");
    expect(labels("body.items.map(item, item.id).")).toContain("sum");
    expect(labels("timestamp(body.at).")).toContain("getFullYear");
    expect(labels("body.?total.")).toEqual(["orValue", "or", "hasValue", "value"]);
    expect(labels("math.")).toContain("least");
  });
  it("knows the item that a walk names", () => {
    expect(labels("body.items.filter(item, item.")).toEqual(["id"]);
    expect(labels("body.items.filter(item, it")).toContain("item");
  });
  it("is silent inside of text", () => expect(labels("body.country == 'bo")).toBeUndefined());
  it("offers nothing for what is not there", () => expect(labels("body.nowhere.")).toEqual([]));
  it.each([
    ["a + body.lines", "body.lines"],
    ["f(x) && g(body.a, ')')[0].b", "g(body.a, ')')[0].b"],
    ["x > 1 ? body", "body"],
    ["body.?a", "body.?a"],
  ])("finds that %s ends in %s", (text, owner) => expect(ownerBefore(text)).toBe(owner));
});
