import { expect, it } from "vitest";
import { makeProgram, plainEvaluation } from "../testing/saga";
import { decodeSaga, encodeSaga } from "./coding";
import { beginSaga } from "./machine";

const init = { id: "s", key: "o-1", body: { id: 9007199254740993123n }, headers: { a: "b" }, depth: 0 };
const { state } = beginSaga(makeProgram({ reserve: {} }), plainEvaluation, init, 1);
const bytes = (text: string) => new TextEncoder().encode(text);

it("a saga comes back as it was, digit for digit", () => {
  expect(decodeSaga(encodeSaga(state))).toEqual(state);
});

it("what a newer version wrote is refused with a way out, what is no saga by name", () => {
  expect(() => decodeSaga(bytes('{"format":2,"saga":{}}'))).toThrow(/format 2.*newer/);
  for (const text of ["", "null", "7", "{}", '{"format":1}', '{"format":1,"saga":{"id":"x"}}'])
    expect(() => decodeSaga(bytes(text))).toThrow(/not/);
});
