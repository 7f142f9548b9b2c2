import { expect, it } from "vitest";
import { splitWords } from "./split-words";

it("keeps the end of an address that may not fit, from the beginning of a part where there is one", () => {
  expect(splitWords("POST http://127.0.0.1:4100/reservations/cancel")).toEqual([
    "POST http://127.0.0.1:4100/reservations",
    "/cancel",
  ]);
  expect(splitWords("GET /${body.warehouse}/reservations")).toEqual(["GET /${body.warehouse}", "/reservations"]);
});

it("leaves alone what is short or no address", () => {
  expect(splitWords("POST /reserve")).toEqual(["POST /reserve", ""]);
  expect(splitWords("all the fields that are of use")).toEqual(["all the fields that are of use", ""]);
});
