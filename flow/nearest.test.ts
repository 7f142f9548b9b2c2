import { expect, it } from "vitest";
import { findNearest } from "./nearest";

it.each([
  ["tpoic", "topic"],
  ["Topic", "topic"],
  ["connexion", "connection"],
  ["bdy", "body"],
  ["sett", "set"],
  ["colour", undefined],
  ["x", undefined],
])("%s → %s", (written, meant) => {
  expect(findNearest(written, ["topic", "connection", "body", "set"])).toBe(meant);
});
