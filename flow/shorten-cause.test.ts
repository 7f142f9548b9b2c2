import { expect, it } from "vitest";
import { settingOfCause, shortenCause } from "./shorten-cause";

it("leads with the reason", () => {
  expect(shortenCause("`set.total` of node `mark` failed on this message: no such key: `price`")).toBe(
    "No such key: `price`",
  );
});

it("says which setting it was", () => {
  expect(settingOfCause("`set.total` of node `mark` failed on this message: no such key: `price`")).toBe("set.total");
  expect(settingOfCause("the endpoint answered 422.")).toBeNull();
});

it("leaves any other cause as it is, and one that would be empty", () => {
  for (const message of [
    "the endpoint answered 422.",
    "Node `a` failed on this message: x",
    "`a` of node `b` failed on this message: ",
  ])
    expect(shortenCause(message)).toBe(message);
});
