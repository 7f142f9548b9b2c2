import { describe, expect, it } from "vitest";
import type { HttpAnswer, HttpPort } from "../connection-ports";
import type { Message } from "../message";
import { makeContext, makeMessage, makeRawMessage, textOf } from "../testing/node-context";
import { isFailure, type StepResult } from "../verdict";
import { httpRequest } from "./http-request";
import { httpRequestBehaviour } from "./http-request.behaviour";

type Asked = Parameters<HttpPort["request"]>[0];
type Answering = (asked: Asked, index: number) => ReturnType<HttpPort["request"]>;

function answerWith(status: number, body = "", headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers, body: new TextEncoder().encode(body), truncated: false };
}
const json = { "content-type": "application/json; charset=utf-8" };

async function ask(
  config: Record<string, unknown>,
  batch: Message[],
  answering: Answering = async () => answerWith(200),
) {
  const asked: Asked[] = [];
  const http: HttpPort = { request: (options) => answering(options, asked.push(options) - 1) };
  const step = httpRequestBehaviour.open(
    httpRequest.config.parse({ url: "/orders", ...config }),
    makeContext({ http }),
  );
  const results: StepResult[] = [];
  for (const message of batch)
    results.push(await step.call(message, { signal: new AbortController().signal, attempt: 1 }));
  return { results, asked };
}
const codeOf = (result: StepResult | undefined) =>
  result && isFailure(result)
    ? result.verdict === "retry"
      ? `retry ${result.of}`
      : `reject ${result.cause.code}`
    : "out";

describe("the request", () => {
  it("sends the message's bytes as they came, with traceparent and a key", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const value = new TextEncoder().encode('{ "id": 1 }');
    const message = makeRawMessage({ value, headers: [["traceparent", new TextEncoder().encode(traceparent)]] });
    const { asked } = await ask({}, [message]);
    expect(asked[0]).toMatchObject({
      method: "POST",
      url: "/orders",
      headers: {
        traceparent,
        "content-type": "application/json",
        "idempotency-key": expect.stringContaining("/orders%2F0/7/"),
      },
      timeoutMs: 10_000,
    });
    expect(asked[0]?.body).toBe(value);
  });

  it("fills in address, headers and body", async () => {
    const { asked } = await ask(
      {
        method: "PUT",
        url: "/orders/${body.id}",
        headers: { "X-Country": "${body.country}" },
        body: "{'q': body.quantity}",
      },
      [makeMessage({ id: "o-1", country: "DE", quantity: 2 })],
    );
    expect(asked[0]).toMatchObject({ method: "PUT", url: "/orders/o-1", headers: { "x-country": "DE" } });
    expect(textOf(asked[0]!.body)).toBe('{"q":2}');
  });

  it("sends no body with GET and DELETE, and a text as it is under its own content type", async () => {
    const message = makeMessage({ a: "x=1" });
    expect((await ask({ method: "GET" }, [message])).asked[0]).toMatchObject({ body: null });
    expect((await ask({ method: "DELETE" }, [message])).asked[0]?.headers).not.toHaveProperty("content-type");
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    expect(textOf((await ask({ headers: form, body: "body.a" }, [message])).asked[0]!.body)).toBe("x=1");
    expect(textOf((await ask({ body: "body.a" }, [message])).asked[0]!.body)).toBe('"x=1"');
  });

  it("rejects what it cannot be made from, without asking", async () => {
    const { results, asked } = await ask({ url: "/${body.id * 2}" }, [makeMessage({ id: "x" })]);
    expect(results).toMatchObject([
      { verdict: "reject", cause: { code: "expression-failed", message: expect.stringContaining("`url`") } },
    ]);
    const split = await ask({ headers: { a: "${body.id}" } }, [makeMessage({ id: "x\r\nevil: 1" })]);
    expect(split.results.map(codeOf)).toEqual(["reject body-invalid"]);
    expect([...asked, ...split.asked]).toEqual([]);
  });
});

describe("the idempotency key", () => {
  const keyOf = async (config: object, message: Message) =>
    (await ask({ ...config }, [message])).asked[0]!.headers["idempotency-key"];

  it("is the same for each try, and another for another message or content", async () => {
    const first = await keyOf({}, makeMessage({ id: 1 }));
    expect(await keyOf({}, makeMessage({ id: 1 }))).toBe(first);
    const others = [
      await keyOf({}, makeMessage({ id: 1 }, { position: "8" })),
      await keyOf({}, makeMessage({ id: 2 })),
      await keyOf({ url: "/other" }, makeMessage({ id: 1 })),
    ];
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it("gives way to one that the config sets", async () => {
    expect(await keyOf({ headers: { "Idempotency-Key": "${body.id}" } }, makeMessage({ id: "mine" }))).toBe("mine");
    expect(await keyOf({ idempotencyKey: "order-${body.id}" }, makeMessage({ id: 7 }))).toBe("order-7");
  });

  it.each(["", "ä", "a b", "a\r\nb"])("rejects a message whose key is %j", async (id) => {
    const { results, asked } = await ask({ idempotencyKey: "${body.id}" }, [makeMessage({ id })]);
    expect(results.map(codeOf)).toEqual(["reject body-invalid"]);
    expect(asked).toEqual([]);
  });

  it("counts as once where the service honours it", () => {
    const repeatOf = (config: object) =>
      httpRequest.semantics(httpRequest.config.parse({ url: "/", ...config })).repeat;
    expect(repeatOf({})).toBe("duplicates");
    expect(repeatOf({ oncePerKey: true })).toEqual({ deduplicatedBy: expect.stringContaining("Idempotency-Key") });
    expect(repeatOf({ oncePerKey: true, idempotencyKey: "${body.id}" })).toMatchObject({ byContent: true });
    expect(repeatOf({ method: "GET", oncePerKey: true })).toBe("harmless");
  });
});

describe("what an answer means", () => {
  it.each([
    [200, "out"],
    [204, "out"],
    [301, "reject http-status"],
    [400, "reject http-status"],
    [404, "reject http-status"],
    [422, "reject http-status"],
    [429, "retry dependency"],
    [500, "retry message"],
    [502, "retry message"],
    [503, "retry dependency"],
  ])("%d → %s", async (status, expected) => {
    const { results } = await ask({}, [makeMessage({})], async () => answerWith(status));
    expect(results.map(codeOf)).toEqual([expected]);
    expect(results[0]).toMatchObject({ note: { status } });
  });

  it("an endpoint that is away or too late holds the lane", async () => {
    const cause = { code: "http-timeout", message: "No answer within 10 s." };
    const { results } = await ask({}, [makeMessage({})], async () => ({ unreachable: cause }));
    expect(results).toEqual([{ verdict: "retry", of: "dependency", cause }]);
  });

  it("waits as long as the endpoint asks for", async () => {
    const seconds = await ask({}, [makeMessage({})], async () => answerWith(429, "", { "retry-after": "3" }));
    expect(seconds.results[0]).toMatchObject({ retryAfterMs: 3_000 });
    const date = new Date(Date.now() + 60_000).toUTCString();
    const later = await ask({}, [makeMessage({})], async () => answerWith(503, "", { "retry-after": date }));
    const [result] = later.results;
    expect(result && "verdict" in result && result.verdict === "retry" && result.retryAfterMs).toBeGreaterThan(50_000);
    const nonsense = await ask({}, [makeMessage({})], async () => answerWith(503, "", { "retry-after": "soon" }));
    expect(nonsense.results[0]).not.toHaveProperty("retryAfterMs");
  });

  it("shows the first of a failing answer, cut", async () => {
    const { results } = await ask({}, [makeMessage({})], async () => answerWith(422, "x".repeat(5_000)));
    expect(results[0]).toMatchObject({ cause: { message: "The endpoint answered 422.", detail: "x".repeat(500) } });
  });

  it("`ok` decides over status, answer and headers", async () => {
    const judge = async (ok: string, answer: HttpAnswer) =>
      (await ask({ ok }, [makeMessage({})], async () => answer)).results.map(codeOf)[0];
    expect(await judge("answer.accepted", answerWith(200, '{"accepted":true}', json))).toBe("out");
    expect(await judge("answer.accepted", answerWith(200, '{"accepted":false}', json))).toBe(
      "reject http-answer-invalid",
    );
    expect(await judge("status == 404", answerWith(404))).toBe("out");
    expect(await judge("status == 404", answerWith(500))).toBe("retry message");
    expect(await judge("headers['x-ok'] == '1'", answerWith(200, "", { "x-ok": "1" }))).toBe("out");
    expect(await judge("answer.accepted", answerWith(200, "plain"))).toBe("reject expression-failed");
  });
});

describe("into", () => {
  const bodyAfter = async (into: string, answer: HttpAnswer, body: unknown = { id: 1 }) => {
    const [result] = (await ask({ into }, [makeMessage(body)], async () => answer)).results;
    return result && "emit" in result ? result.emit[0]?.message.body : codeOf(result);
  };

  it("puts JSON, text or nothing into the body, with the digits of large integers", async () => {
    expect(await bodyAfter("reply.answer", answerWith(200, '{"a":9007199254740993}', json))).toEqual({
      id: 1,
      reply: { answer: { a: 9007199254740993n } },
    });
    expect(await bodyAfter("answer", answerWith(200, "hello"))).toEqual({ id: 1, answer: "hello" });
    expect(await bodyAfter("answer", answerWith(200, "{broken", json))).toEqual({ id: 1, answer: "{broken" });
    expect(await bodyAfter("answer", answerWith(204))).toEqual({ id: 1, answer: null });
  });

  it("does not ask when the body cannot take the answer", async () => {
    for (const body of ["text", null, [1]]) {
      const { results, asked } = await ask({ into: "answer" }, [makeMessage(body)]);
      expect(results.map(codeOf)).toEqual(["reject body-invalid"]);
      expect(asked).toEqual([]);
    }
  });

  it("rejects an answer that was cut", async () => {
    expect(await bodyAfter("answer", { ...answerWith(200, "x"), truncated: true })).toBe("reject http-answer-invalid");
  });
});

it("says what it weakens", () => {
  const semantics = (change: object) => httpRequest.semantics(httpRequest.config.parse({ url: "/", ...change }));
  expect(semantics({ order: "none" })).toMatchObject({
    repeat: "duplicates",
    order: { lost: expect.stringContaining("8 requests") },
  });
  expect(semantics({})).toMatchObject({ order: "keeps" });
  expect(semantics({ method: "PUT", concurrency: 1 })).toMatchObject({ repeat: "harmless", order: "keeps" });
});
