import { describe, expect, it } from "vitest";
import { cutSame, diffWords } from "./word-diff";

const write = (before: string, after: string) =>
  diffWords(before, after)
    .map(({ is, text }) => (is === "same" ? text : is === "added" ? `{+${text}+}` : `[-${text}-]`))
    .join("");

describe("words that differ", () => {
  it.each([
    ["body.price > 10", "body.price > 20", "body.price > [-10-]{+20+}"],
    ["body.a == 'x'", "body.a != 'x'", "body.a [-=-]{+!+}= 'x'"],
    ["a", "a && b", "a{+ && b+}"],
    ["", "new", "{+new+}"],
    ["gone", "", "[-gone-]"],
    ["same", "same", "same"],
  ])("%s → %s", (before, after, words) => {
    expect(write(before, after)).toBe(words);
  });

  it("give both texts back, whatever they are", () => {
    const before = "size(body.items) > 3 ? 'many' : 'few'";
    const after = "size(body.parts) >= 3 ? 'a lot' : 'few' + ö";
    const parts = diffWords(before, after);
    const join = (without: string) =>
      parts
        .filter(({ is }) => is !== without)
        .map(({ text }) => text)
        .join("");
    expect([join("added"), join("removed")]).toEqual([before, after]);
  });

  it("of very long texts are not looked for one by one", () => {
    const long = (word: string) => Array.from({ length: 5_000 }, (_, n) => `${word}${n}`).join(" ");
    expect(diffWords(long("a"), long("b")).length).toBeLessThan(3);
  });
});

it("cuts what stays, far from what differs", () => {
  const long = "word ".repeat(200).trim();
  const [before, removed, added, after] = cutSame(diffWords(`${long} one ${long}`, `${long} two ${long}`));
  expect([removed, added]).toEqual([
    { is: "removed", text: "one" },
    { is: "added", text: "two" },
  ]);
  expect(before!.text).toMatch(/^….*word $/);
  expect(before!.text).toHaveLength(121);
  expect(after!.text).toMatch(/^ word.*…$/);
  expect(cutSame([{ is: "same", text: "all of it" }])).toEqual([{ is: "same", text: "all of it" }]);
});
