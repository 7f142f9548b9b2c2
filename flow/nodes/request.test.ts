import { describe, expect, it } from "vitest";
import type { KafkaPort, QueuePort } from "../connection-ports";
import type { Message } from "../message";
import { type BrokerRequest, makeAnswer, type RequestEnd } from "../request-reply";
import { headersOf, makeContext, makeMessage, textOf } from "../testing/node-context";
import { encodeUtf8 } from "../utf8";
import { retryDependency, type StepResult } from "../verdict";
import { request } from "./request";
import { requestBehaviour } from "./request.behaviour";

const answered = (body: string, status = 200, headers = {}): RequestEnd => ({
  is: "answered",
  answer: makeAnswer(status, headers, encodeUtf8(body)),
});

async function ask(config: object, message: Message, end: RequestEnd = answered('{"price":3}'), attempt = 1) {
  const asked: BrokerRequest[] = [];
  const counted: string[] = [];
  const port = {
    request: async (options: BrokerRequest) => {
      asked.push(options);
      return end;
    },
  };
  const context = {
    ...makeContext({ kafka: port as unknown as KafkaPort, queue: port as unknown as QueuePort }),
    count: (what: string) => void counted.push(what),
  };
  const step = requestBehaviour.open(request.config.parse({ topic: "prices", ...config }), context);
  const traceOf = () => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const result = await step.call(message, { signal: new AbortController().signal, attempt, traceOf });
  return { result, asked: asked[0]!, counted };
}

const bodyOf = (result: StepResult) => ("emit" in result ? result.emit[0]?.message.body : undefined);

describe("what is sent", () => {
  it("is the message, with an id, the same as idempotency key, and its trace", async () => {
    const { asked } = await ask({}, makeMessage({ id: "o-1" }, { key: "c-7", headers: { origin: "shop" } }));
    expect(asked).toMatchObject({ to: "prices", replyTo: "millrace.replies", headerNames: "plain", timeoutMs: 10_000 });
    expect(textOf(asked.message.value)).toBe('{"id":"o-1"}');
    expect(asked.message.keyText).toBe("c-7");
    expect(headersOf(asked.message)).toEqual({
      origin: "shop",
      "content-type": "application/json",
      "idempotency-key": asked.id,
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });
  });

  it("has an id that stays for each try, and is another for another message or content", async () => {
    const first = await ask({}, makeMessage({ id: 1 }));
    const again = await ask({}, makeMessage({ id: 1 }), undefined, 2);
    expect(again.asked.id).toBe(first.asked.id);
    expect([first.asked.again, again.asked.again]).toEqual([false, true]);
    const others = [
      (await ask({}, makeMessage({ id: 1 }, { position: "8" }))).asked.id,
      (await ask({}, makeMessage({ id: 2 }))).asked.id,
      (await ask({ topic: "other" }, makeMessage({ id: 1 }))).asked.id,
    ];
    expect(new Set([first.asked.id, ...others]).size).toBe(4);
    // BullMQ takes it as a job's.
    expect(first.asked.id).not.toContain(":");
  });

  it("is made by expressions and templates", async () => {
    const config = {
      topic: "prices.${body.country}",
      key: "body.id",
      body: "{'q': body.quantity}",
      headers: { origin: "${body.id}" },
    };
    const { asked } = await ask(config, makeMessage({ id: "o-1", country: "DE", quantity: 2 }));
    expect(asked.to).toBe("prices.DE");
    expect([asked.message.keyText, textOf(asked.message.value)]).toEqual(["o-1", '{"q":2}']);
    expect(headersOf(asked.message).origin).toBe("o-1");
    const job = await ask({ call: "queue", queue: "q-${body.id}", jobName: "price" }, makeMessage({ id: "o-1" }));
    expect(job.asked).toMatchObject({ to: "q-o-1", name: "price" });
  });

  it("rejects what it cannot be made from, without asking", async () => {
    const { result, asked } = await ask({ body: "body.id * 2" }, makeMessage({ id: "x" }));
    expect(result).toMatchObject({ verdict: "reject", cause: { code: "expression-failed" } });
    expect(asked).toBeUndefined();
    const unfit = await ask({ into: "price" }, makeMessage([1]));
    expect(unfit.result).toMatchObject({ verdict: "reject", cause: { code: "body-invalid" } });
    expect(unfit.asked).toBeUndefined();
  });
});

describe("the answer", () => {
  it("becomes the body, or goes into a field", async () => {
    expect(bodyOf((await ask({}, makeMessage({ id: 1 }))).result)).toEqual({ price: 3 });
    expect(bodyOf((await ask({ into: "answer" }, makeMessage({ id: 1 }))).result)).toEqual({
      id: 1,
      answer: { price: 3 },
    });
    expect(bodyOf((await ask({}, makeMessage({ id: 1 }), answered("plain words"))).result)).toBe("plain words");
    expect(bodyOf((await ask({}, makeMessage({ id: 1 }), answered(""))).result)).toBeNull();
  });

  it.each([
    [200, { emit: [{ port: "out" }] }],
    [404, { verdict: "reject", cause: { code: "reply-failed" } }],
    [429, { verdict: "retry", of: "dependency" }],
    [500, { verdict: "retry", of: "message" }],
    [503, { verdict: "retry", of: "dependency" }],
  ])("with status %d means what it does over HTTP", async (status, expected) => {
    const { result } = await ask({}, makeMessage({}), answered("{}", status));
    expect(result).toMatchObject({ ...expected, note: { status } });
  });

  it("is a success when `ok` says so", async () => {
    const config = { ok: "answer.accepted" };
    expect((await ask(config, makeMessage({}), answered('{"accepted":true}', 422))).result).toHaveProperty("emit");
    const refused = await ask(config, makeMessage({}), answered('{"accepted":false}'));
    expect(refused.result).toMatchObject({ verdict: "reject", cause: { code: "answer-invalid" } });
  });

  it("of 10 MB is refused", async () => {
    const { result } = await ask({}, makeMessage({}), answered("x".repeat(10_000_000)));
    expect(result).toMatchObject({ verdict: "reject", cause: { code: "answer-invalid" } });
  });

  it("that does not come in time is another try, and counted", async () => {
    const { result, counted } = await ask({ timeoutMs: 500 }, makeMessage({}), { is: "silent" });
    expect(result).toMatchObject({ verdict: "retry", of: "message", cause: { code: "request-unanswered" } });
    expect(counted).toEqual(["unanswered"]);
  });

  it("that comes late or twice is counted", async () => {
    const { asked, counted } = await ask({}, makeMessage({}));
    asked.stray?.("late");
    asked.stray?.("repeated");
    expect(counted).toEqual(["answersLate", "answersRepeated"]);
  });

  it("of a broker that is away is waited for", async () => {
    const { result } = await ask({}, makeMessage({}), retryDependency("broker-unreachable", "away"));
    expect(result).toMatchObject({ verdict: "retry", of: "dependency" });
  });
});

describe("the config", () => {
  it("needs a place on its broker, and takes the connection that is named as it", () => {
    expect(request.config.parse({ call: "queue", queue: "q" }).connection).toBe("queue");
    expect(request.config.parse({ topic: "t" }).connection).toBe("kafka");
    const check = (config: object) => request.check!(request.config.parse(config));
    expect(check({ call: "queue", topic: "t" })).toMatchObject([{ code: "config-field-missing", field: "queue" }]);
    expect(check({ call: "queue", queue: "a:b" })).toMatchObject([{ code: "config-field-invalid", field: "queue" }]);
    expect(check({ call: "queue", queue: "q-${body.id}" })).toEqual([]);
    expect(check({ call: "pulsar" })).toMatchObject([{ code: "config-field-missing", field: "topic" }]);
    expect(check({ call: "pulsar", topic: "a b" })).toMatchObject([{ code: "config-field-invalid", field: "topic" }]);
    expect(check({ call: "pulsar", topic: "acme/shop/prices" })).toEqual([]);
  });

  it("says what a second try does", () => {
    const repeatOf = (config: object) => request.semantics(request.config.parse(config)).repeat;
    expect(repeatOf({ topic: "t" })).toBe("duplicates");
    expect(repeatOf({ topic: "t", oncePerKey: true })).toMatchObject({ deduplicatedBy: "its correlation id" });
    expect(repeatOf({ call: "queue", queue: "q" })).toMatchObject({ windowMs: 3_600_000 });
  });
});
