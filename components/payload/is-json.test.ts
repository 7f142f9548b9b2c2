import { expect, it } from "vitest";
import { isJson } from "./is-json";

it("tells JSON from what only begins like it", () => {
  expect(['{"id":1}', "12", "null"].every(isJson)).toBe(true);
  expect(['{"id":1, oh no', "", "{'id': 1}"].some(isJson)).toBe(false);
});
