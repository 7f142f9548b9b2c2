import { describe, expect, it } from "vitest";
import { readTarget } from "./requests";

describe("where to go after sign-in", () => {
  it("goes on to the page that was asked for", () =>
    expect(readTarget("?to=%2Fruns%3Fflow%3Dorders")).toBe("/runs?flow=orders"));
  it.each([
    "",
    "?to=",
    "?to=https://elsewhere.example",
    "?to=//elsewhere.example",
    "?to=/%5Celsewhere.example",
    "?to=javascript:alert(1)",
  ])("never leaves the site: %s", (search) => expect(readTarget(search)).toBe("/flows"));
});
