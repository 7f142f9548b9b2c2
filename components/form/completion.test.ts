import { describe, expect, it } from "vitest";
import { suggest } from "./completion";

const scope = {
  values: { body: { country: "DE", address: { city: "Köln" }, items: [{ id: 1 }] }, key: "c-7" },
  words: "",
};
const variables = ["body", "key", "headers", "meta"];
const labels = (text: string) => suggest(text, scope, variables)?.suggestions.map(({ label }) => label);

describe("completion", () => {
  it("begins with the variables and functions", () => {
    expect(labels("")).toEqual(expect.arrayContaining(["body", "meta", "has"]));
    expect(labels("body.country == 'DE' && ")).toContain("key");
  });
  it("knows the fields of the newest message, with what they hold", () => {
    expect(labels("body.")).toEqual(["country", "address", "items"]);
    expect(suggest("has(body.co", scope, variables)).toMatchObject({
      from: 9,
      suggestions: [{ label: "country", detail: '"DE"' }, {}, {}],
    });
    expect(labels("body.address.")).toEqual(["city"]);
    expect(labels("body.items[0].")).toEqual(["id"]);
    expect(labels("meta.")).toContain("position");
  });
  it("offers what text can do", () => expect(labels("body.country.")).toContain("startsWith"));
  it("is silent inside of text", () => expect(labels("body.country == 'bo")).toBeUndefined());
  it("offers nothing for what is not there", () => expect(labels("body.nowhere.")).toEqual([]));
});
