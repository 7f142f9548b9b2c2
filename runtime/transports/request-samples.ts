import { randomUUID } from "node:crypto";
import { jsonCodec } from "../../flow/codecs/json";
import { readAnswer } from "../../flow/http-answer";
import { Message } from "../../flow/message";
import type { Answer, BrokerRequest, RequestEnd } from "../../flow/request-reply";
import { encodeUtf8 } from "../../flow/utf8";

/** What the tests of request and reply ask and answer with. */
export function answerWith(body: unknown, status = 200): Answer {
  return { status, headers: { "content-type": "application/json" }, body: jsonCodec.encode(body) };
}

export function bodyOf(end: RequestEnd): unknown {
  return "is" in end && end.is === "answered" ? readAnswer(end.answer) : end;
}

/** A request to a place; what becomes of answers that nobody awaits is kept. */
export function makeRequest(
  to: string,
  change: Partial<BrokerRequest> = {},
): BrokerRequest & { readonly strays: string[] } {
  const strays: string[] = [];
  const meta = { source: "in", lane: "orders/0", position: "7", timestamp: 0, attempt: 1 };
  const headers = [["origin", encodeUtf8("shop")]] as const;
  const message = Message.fromBody({ key: encodeUtf8("c-7"), headers, meta, codec: jsonCodec }, { id: "o-1" });
  return { to, message, id: randomUUID(), timeoutMs: 10_000, stray: (how) => void strays.push(how), ...change, strays };
}
