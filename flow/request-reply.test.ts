import { expect, it } from "vitest";
import type { Header } from "./message";
import { readCorrelationId, readReply, readReplyAddress, replyHeaders, requestHeaders } from "./request-reply";
import { headersOf, makeMessage } from "./testing/node-context";
import { encodeUtf8 } from "./utf8";

const headers = (all: Record<string, string | Uint8Array>): Header[] =>
  Object.entries(all).map(([name, value]) => [name, typeof value === "string" ? encodeUtf8(value) : value]);
const request = {
  to: "prices",
  message: makeMessage({}, { headers: { origin: "shop", "reply-to": "old" } }),
  id: "id-1",
  timeoutMs: 1,
};

it("a request has its address and id once, under plain names or Spring's", () => {
  expect(headersOf({ headers: requestHeaders(request, "answers") })).toEqual({
    origin: "shop",
    "reply-to": "answers",
    "correlation-id": "id-1",
  });
  const spring = headersOf({ headers: requestHeaders({ ...request, headerNames: "spring" }, "answers") });
  expect(spring).toMatchObject({ kafka_replyTopic: "answers", kafka_correlationId: "id-1" });
});

it("an address is read under either name, with the id's bytes as they came", () => {
  expect(readReplyAddress(headers({ "correlation-id": "a" }))).toBeUndefined();
  expect(readReplyAddress(headers({ "reply-to": "" }))).toBeUndefined();
  expect(readReplyAddress(headers({ "reply-to": "answers" }))).toEqual({ to: "answers", correlation: [] });
  const id = new Uint8Array([0, 255, 16]);
  const spring = readReplyAddress(
    headers({
      kafka_replyTopic: "answers",
      kafka_correlationId: id,
      kafka_replyPartition: new Uint8Array([0, 0, 0, 3]),
    }),
  );
  expect(spring).toMatchObject({ to: "answers", partition: 3 });
  const answer = { status: 404, headers: { "content-type": "application/json" }, body: null };
  const written = replyHeaders(spring!, answer);
  expect(written.find(([name]) => name === "kafka_correlationId")?.[1]).toEqual(id);
  expect(headersOf({ headers: written })).toMatchObject({ "reply-status": "404", "content-type": "application/json" });
});

it("an answer has the status that it says, or 200, and a format", () => {
  expect(readReply([], null)).toMatchObject({
    status: 200,
    headers: { "content-type": "application/json" },
    truncated: false,
  });
  expect(readReply(headers({ "reply-status": "422", "Content-Type": "text/plain" }), encodeUtf8("no"))).toMatchObject({
    status: 422,
    headers: { "content-type": "text/plain" },
  });
  for (const status of ["", "soon", "42", "1000"])
    expect(readReply(headers({ "reply-status": status }), null).status).toBe(200);
  expect(readReply([], new Uint8Array(10_000_000))).toMatchObject({ truncated: true });
});

it("an answer names its request under either name", () => {
  expect(readCorrelationId(headers({ "correlation-id": "a" }))).toBe("a");
  expect(readCorrelationId(headers({ kafka_correlationId: "b" }))).toBe("b");
  expect(readCorrelationId([])).toBeUndefined();
});
