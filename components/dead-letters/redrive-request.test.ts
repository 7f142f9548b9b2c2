import { expect, it } from "vitest";
import { letterVariables } from "@/flow/letter-variables";
import type { DeadLetterView } from "@/server/views";
import { evaluateOn } from "../form/evaluate";
import { readWritten, refuseNumber, scopeOfView, writeOut } from "./redrive-request";

const letter = {
  key: "k-1",
  headers: [["shop", "north"]],
  causeCode: "http-status",
  causeMessage: "The endpoint answered 422.",
  causeDetail: null,
  node: "call",
  version: 2,
  attempts: 3,
  source: "in",
  lane: "orders/0",
  position: "17",
  value: '{"total":30}',
  encoding: "text",
  codec: "json",
  createdAt: new Date(0),
} as unknown as DeadLetterView;

const tryOn = (source: string, view = letter) =>
  evaluateOn(source, { holes: false, scope: scopeOfView(view), variables: letterVariables, expects: "bool" });

it("tries a condition on a dead letter as the worker will", async () => {
  const source = "body.total > 10 && cause.code == 'http-status' && headers.shop == 'north' && version == 2";
  expect(await tryOn(source)).toEqual({ ok: true, text: "true" });
  expect(await tryOn("attempts > 3")).toEqual({ ok: true, text: "false" });
  expect(await tryOn("cause.nothing > 3")).toMatchObject({ ok: false });
});

it("tries nothing on a body that cannot be read", async () => {
  expect(await tryOn("body.total > 1", { ...letter, value: "{" })).toBeNull();
});

it("takes a rate that is a whole number, or none", () => {
  expect(["", " ", "1", "250"].map(refuseNumber)).toEqual([null, null, null, null]);
  for (const rate of ["0", "-1", "1.5", "x", "100001"]) expect(refuseNumber(rate)).not.toBeNull();
});

it("sends what was not written byte for byte as it came, and no header that was never filled in", () => {
  const written = writeOut(letter);
  expect(written.value).toBe('{\n  "total": 30\n}');
  expect(readWritten(letter, written)).toEqual({ value: '{"total":30}', encoding: "text" });
  const headers: [string, string][] = [...letter.headers, ["", ""]];
  expect(readWritten(letter, { ...written, headers })).not.toHaveProperty("headers");
  expect(readWritten(letter, { key: null, value: "{}", headers: [] })).toEqual({
    ...{ value: "{}", encoding: "text", key: null, headers: [] },
  });
});
