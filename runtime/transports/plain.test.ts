import { expect, it } from "vitest";
import { fromPlain, toSeen } from "./plain";

const encoder = new TextEncoder();
const at = { lane: "l", position: "1" };

function see(value: Uint8Array | null, maxBytes = 100) {
  return toSeen({ key: null, value, headers: [], timestamp: 5 }, at, maxBytes);
}

it("shows text as text and other bytes as base64", () => {
  expect(see(encoder.encode("grüße"))).toMatchObject({ value: "grüße", encoding: "text", truncated: false });
  expect(see(new Uint8Array([255, 0]))).toMatchObject({ value: "/wA=", encoding: "base64", truncated: false });
  expect(see(null)).toMatchObject({ value: null, truncated: false });
  expect(see(new Uint8Array(0))).toMatchObject({ value: "", truncated: false });
});

it("cuts between characters", () => {
  expect(see(encoder.encode("aé€😀"), 5)).toMatchObject({ value: "aé", encoding: "text", truncated: true });
  expect(see(encoder.encode("abc"), 3)).toMatchObject({ value: "abc", truncated: false });
});

it("reads what a person typed", () => {
  const plain = { key: "k", headers: [["a", "1"]] as [string, string][], value: "/wA=", encoding: "base64" as const };
  expect(fromPlain(plain)).toEqual({
    key: encoder.encode("k"),
    value: new Uint8Array([255, 0]),
    headers: [["a", encoder.encode("1")]],
  });
  expect(fromPlain({ key: null, headers: [], value: null, encoding: "text" })).toEqual({
    key: null,
    value: null,
    headers: [],
  });
});
