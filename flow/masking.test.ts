import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMaskedPath, roleForExpression } from "./masked";
import { hiddenBody, Mask, maskText } from "./masking";

const payload = (body: unknown, more: object = {}) => ({
  ...{ key: null as string | null, headers: [] as [string, string][], encoding: "text" as "text" | "base64" },
  ...{ value: typeof body === "string" ? body : JSON.stringify(body), truncated: false, ...more },
});
function mask(paths: string[], ...learnt: ReturnType<typeof payload>[]): Mask {
  const made = new Mask(paths.map((path) => ({ path, below: "operator" as const })));
  for (const each of learnt) made.learn(each);
  return made;
}

describe("a path to a masked field", () => {
  it.each([
    ["body.card.number", ["body", "card", "number"]],
    ["body.items[*].iban", ["body", "items", "iban"]],
    [`body['a b']["c.d"]`, ["body", "a b", "c.d"]],
    ["headers.x-card", ["headers", "x-card"]],
    ["key", ["key"]],
    ["body", ["body"]],
  ])("%s", (text, path) => expect(parseMaskedPath(text)).toEqual(path));

  it.each(["card", "body.", "body..x", "bodyx", "body.items[0]", "headers", "headers.a.b", "key.x", "meta.lane", ""])(
    "is not %s",
    (text) => expect(parseMaskedPath(text)).toBeUndefined(),
  );
});

describe("the role that an expression needs", () => {
  const masked = [
    { path: "body.items[*].iban", below: "operator" },
    { path: "headers.X-Card", below: "editor" },
  ] as const;
  it.each([
    ["body.items[0].iban", "operator"],
    ["body.items.map(i, i.iban)", "operator"],
    ["body[key]", "operator"],
    ["json(body)", "operator"],
    ["has(body.items) && body.?items.orValue([]).size() > 0", "operator"],
    ["headers['x-card'] == '1'", "editor"],
    ["no expression (", "operator"],
    ["body.items[0].name", null],
    ["body.id + key + headers['y']", null],
  ])("%s: %s", (source, role) => expect(roleForExpression(source, masked)).toBe(role));
});

describe("masking", () => {
  it("hides fields by path, in lists too, and what stands in the way", () => {
    const paths = ["body.card.number", "body.items[*].iban", "headers.x-card"];
    const shown = mask(paths).show(
      payload(
        { id: 12345678901234567890n.toString(), card: { number: "4111", to: "x" }, items: [{ iban: "DE1", n: 1 }] },
        { headers: [["X-Card", "4111"]] },
      ),
    );
    expect(JSON.parse(shown.value!)).toEqual({
      ...{ id: "12345678901234567890", card: { number: maskText, to: "x" } },
      items: [{ iban: maskText, n: 1 }],
    });
    expect(shown.headers).toEqual([["X-Card", maskText]]);
    expect(mask(paths).show(payload({ card: "4111", items: { iban: null } })).value).toBe(
      `{"card":"${maskText}","items":{"iban":null}}`,
    );
  });

  it("hides the value wherever else it stands", () => {
    const secret = 'a"b 4111 ü';
    const made = mask(["body.card", "body.cvc"], payload({ card: secret, cvc: 123, country: "DE" }));
    const other = payload(
      { pan: `x${secret}`, deep: [{ cvc2: 123, n: 1234 }] },
      { key: secret, headers: [["h", secret]] },
    );
    expect(made.show(other)).toMatchObject({ key: maskText, headers: [["h", maskText]] });
    expect(JSON.parse(made.show(other).value!)).toEqual({ pan: `x${maskText}`, deep: [{ cvc2: maskText, n: 1234 }] });
    expect(made.showWords(`Refused: {"card":${JSON.stringify(secret)}} 123 1234`)).toBe(
      `Refused: {"card":"${maskText}"} ${maskText} 1234`,
    );
    expect(made.showWords(`GET /${encodeURIComponent(secret)}`)).toBe(`GET /${maskText}`);
  });

  it.each([
    ["no JSON", payload("card=4111")],
    ["cut", payload('{"card":"41', { truncated: true })],
    ["binary", payload("AAEC", { encoding: "base64" })],
  ])("hides all of a body that is %s, and the words about it", (_, made) => {
    const hiding = mask(["body.card"], made);
    expect(hiding.show(made)).toMatchObject({ value: hiddenBody, encoding: "text", truncated: false });
    expect(hiding.showWords("card=4111 is wrong")).toBe(maskText);
    expect(mask(["headers.x"], made).show(made)).toEqual(made);
  });

  it("leaves nothing of a planted value, and all else as it was", () => {
    const secret = "s3cr3t-⚿-value";
    const json = fc.jsonValue({ maxDepth: 4 });
    const name = fc
      .string({ minLength: 1, maxLength: 6 })
      .filter((text) => /^[^.[\]'"\s]+$/.test(text) && text !== "__proto__");
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 4 }),
        json,
        json,
        fc.boolean(),
        (names, filler, others, inList) => {
          const planted = names.reduceRight<unknown>(
            (inner, each) => (inList ? [{ [each]: inner }] : { [each]: inner, [`${each}~`]: filler }),
            secret,
          );
          const source = payload(planted);
          const made = mask([`body.${names.join("[*].")}`], source);
          expect(made.show(source).value).not.toContain(secret);
          const plain = payload({ others, copy: [secret], [secret]: 1 });
          expect(JSON.parse(made.show(plain).value!)).toEqual({
            ...{ others: JSON.parse(JSON.stringify(others)), copy: [maskText], [maskText]: 1 },
          });
        },
      ),
    );
  });
});
