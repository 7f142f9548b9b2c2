import { describe, expect, it, test } from "vitest";
import type { ExpressionError } from "./expression";
import { checkTemplate, compileTemplate } from "./template";

const scope = { body: { country: "DE", id: 17, tags: ["a"], none: null }, key: "k", headers: {}, meta: {} };

test.each([
  ["orders", "orders"],
  ["", ""],
  ["orders.${body.country}", "orders.DE"],
  ["${body.id}", "17"],
  ["${body.country}-${body.id}!", "DE-17!"],
  ["${ {'a': '}'}['a'] }x", "}x"],
  ["cost: $5", "cost: $5"],
  ["$${body.id}", "${body.id}"],
  ["a$${x}b${body.id}", "a${x}b17"],
  ["${body.?street.orValue('none')}", "none"],
])("%s → %s", (source, text) => {
  expect(compileTemplate(source).render(scope)).toBe(text);
  expect(checkTemplate(source)).toEqual([]);
});

describe("templates", () => {
  it("say whether they have holes", () => {
    expect(compileTemplate("orders").literal).toBe(true);
    expect(compileTemplate("$${a}").literal).toBe(true);
    expect(compileTemplate("o.${key}").literal).toBe(false);
  });

  it("mark the place in the template's text", () => {
    const source = "orders.${county}";
    const [problem] = checkTemplate(source);
    expect(problem?.code).toBe("expression-unknown-name");
    expect(source.slice(problem?.range?.from, problem?.range?.to)).toBe("county");
    expect(checkTemplate("a${body.x")).toMatchObject([{ code: "template-syntax", range: { from: 1, to: 9 } }]);
    expect(checkTemplate("a${}")).toMatchObject([{ code: "expression-syntax" }]);
  });

  it.each(["x${body.tags}", "x${body.none}", "x${body.missing}"])("%s fails with a place", (source) => {
    let error: unknown;
    try {
      compileTemplate(source).render(scope);
    } catch (caught) {
      error = caught;
    }
    const { range } = error as ExpressionError;
    expect(source.slice(range?.from, range?.to)).toBe(source.slice(3, -1));
  });
});
