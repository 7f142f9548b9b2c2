import { expect, it } from "vitest";
import { nameErrors } from "./error-chain";

it("names errors and their causes, never their texts", () => {
  const root = Object.assign(new Error("password=x"), { code: "ECONNRESET" });
  const error = new TypeError('body {"card":"4111"}', { cause: new RangeError("secret", { cause: root }) });
  expect(nameErrors(error)).toBe("TypeError, caused by RangeError, caused by Error (ECONNRESET)");
  expect(nameErrors(root)).toBe("Error (ECONNRESET)");
});

it("says nothing where the name alone says it", () => {
  expect(nameErrors(new Error("x"))).toBeUndefined();
  expect(nameErrors("thrown text")).toBeUndefined();
});

it("ends, and keeps odd names and codes out", () => {
  const circle = new Error("x");
  circle.cause = circle;
  expect(nameErrors(circle)?.split(", ")).toHaveLength(5);
  const odd = Object.assign(new Error("x"), { name: "a secret, with words", code: "{}" });
  expect(nameErrors(new Error("y", { cause: odd }))).toBe("Error, caused by Error");
});
