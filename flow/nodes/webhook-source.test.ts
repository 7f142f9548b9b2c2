import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OpenSource, WebhookRequest } from "../behaviour";
import { headersOf, makeSourceContext, RecordedHandlers, textOf } from "../testing/node-context";
import { webhookSource } from "./webhook-source";
import { webhookSourceBehaviour } from "./webhook-source.behaviour";

let handlers: RecordedHandlers;
beforeEach(() => {
  vi.useFakeTimers();
  handlers = new RecordedHandlers();
});
afterEach(() => {
  vi.useRealTimers();
});

const open = (config: Record<string, unknown> = {}, responds = false): Promise<OpenSource> =>
  webhookSourceBehaviour.open(
    webhookSource.config.parse({ path: "orders/new", ...config }),
    makeSourceContext({ responds: () => responds }),
    handlers,
  );

function request(change: Partial<WebhookRequest> & { readonly text?: string } = {}): WebhookRequest {
  const body = new TextEncoder().encode(change.text ?? '{"id":"o-1"}');
  return { method: "POST", path: "orders/new", query: "", headers: [], body, ...change };
}

function settleAll(source: OpenSource, outcome: "done" | "dead" | "dropped" = "done") {
  const [lane, epoch] = handlers.assignments[0]!;
  for (const message of handlers.delivered) source.settle(lane, epoch, message.meta.position, outcome);
}

it("answers when the message is safe, and not before", async () => {
  const source = await open();
  let answered = false;
  const answer = source.accept!(request())!.then((each) => {
    answered = true;
    return each;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(handlers.delivered).toHaveLength(1);
  expect(answered).toBe(false);
  settleAll(source);
  const { status, body } = await answer;
  expect(status).toBe(202);
  expect(JSON.parse(String(body))).toEqual({ accepted: true, id: handlers.delivered[0]!.meta.position });
});

it("says so when the message is kept in the dead letters", async () => {
  const source = await open();
  const answer = source.accept!(request())!;
  settleAll(source, "dead");
  expect(JSON.parse(String((await answer).body))).toMatchObject({ accepted: true, deadLetter: true });
});

it("keeps the bytes and the headers, without credentials and those of the hop", async () => {
  const source = await open();
  void source.accept!(
    request({
      query: "?a=1",
      headers: [
        ["Content-Type", "application/json"],
        ["Authorization", "Bearer secret"],
        ["cookie", "session=secret"],
        ["Host", "example.com"],
        ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
      ],
      text: '{ "id": "o-1" }',
    }),
  );
  const [message] = handlers.delivered;
  expect(textOf(message!.value)).toBe('{ "id": "o-1" }');
  expect(headersOf(message!)).toEqual({
    "content-type": "application/json",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "webhook-query": "a=1",
  });
  await source.stop();
});

it("leaves requests for another path or method to others", async () => {
  const source = await open();
  expect(source.accept!(request({ path: "orders" }))).toBeUndefined();
  expect(source.accept!(request({ method: "PUT" }))).toBeUndefined();
  expect(source.accept!(request({ path: "/orders/new/" }))).toBeDefined();
  await source.stop();
});

it.each([
  ["{ not json", {}],
  ["", {}],
])("refuses %j with 400, and nothing of it goes on", async (text) => {
  const source = await open();
  const { status, body } = await source.accept!(request({ text }))!;
  expect(status).toBe(400);
  expect(JSON.parse(String(body))).toMatchObject({ accepted: false, code: "codec-decode" });
  expect(body).not.toContain("not json");
  expect(handlers.delivered).toEqual([]);
});

it("takes any text when its format is text, and no body where a method has none", async () => {
  const text = await open({ codec: "text" });
  void text.accept!(request({ text: "hello" }));
  expect(handlers.delivered.at(-1)?.body).toBe("hello");
  await text.stop();
  const get = await open({ method: "GET" });
  void get.accept!(request({ method: "GET", text: "", query: "id=7" }));
  expect(handlers.delivered.at(-1)?.body).toBeNull();
  await get.stop();
});

it("answers 503 when the message is not safe in time, and takes back what had no room", async () => {
  const source = await open({ timeoutMs: 1_000 });
  handlers.fill();
  const first = source.accept!(request())!;
  const second = source.accept!(request())!;
  await vi.advanceTimersByTimeAsync(1_100);
  expect((await first).status).toBe(503);
  expect(JSON.parse(String((await second).body))).toMatchObject({ accepted: false, code: "not-safe-in-time" });
  handlers.makeRoom();
  await vi.advanceTimersByTimeAsync(10);
  expect(handlers.delivered).toHaveLength(1);
  // A late settle is nobody's any more.
  settleAll(source);
  await source.stop();
});

it("hands over what came in the meantime in one batch, in order", async () => {
  const source = await open();
  handlers.fill();
  for (let n = 0; n < 5; n++) void source.accept!(request({ text: String(n) }));
  await vi.advanceTimersByTimeAsync(1);
  handlers.makeRoom();
  await vi.advanceTimersByTimeAsync(1);
  expect(handlers.batches).toEqual([1, 4]);
  expect(handlers.delivered.map((message) => message.body)).toEqual([0, 1, 2, 3, 4]);
  await source.stop();
});

it("tells those beyond its bounds, and those that come while it stops, to come back", async () => {
  const source = await open();
  handlers.fill();
  const waiting = Array.from({ length: 1_001 }, () => source.accept!(request())!);
  const beyond = await source.accept!(request())!;
  expect(beyond).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  await source.stop();
  const answers = await Promise.all(waiting);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  expect((await source.accept!(request())!).status).toBe(503);
});

it("gives back to the caller what is released", async () => {
  const source = await open();
  const answer = source.accept!(request())!;
  const [lane, epoch] = handlers.assignments[0]!;
  source.release!(lane, epoch, handlers.delivered[0]!.meta.position);
  expect(JSON.parse(String((await answer).body))).toMatchObject({ accepted: false, code: "stopping" });
});

it("has paths that are paths", () => {
  for (const path of ["orders", "a/b-c/d.e"]) expect(webhookSource.config.safeParse({ path }).success).toBe(true);
  for (const path of ["", "/orders", "orders/", "a//b", "a b", "a?b"])
    expect(webhookSource.config.safeParse({ path }).success).toBe(false);
});

describe("an answer of the flow", () => {
  const answerOf = (status: number, body = "{}") => ({
    status,
    headers: { "content-type": "application/json", "x-order": "o-1" },
    body: new TextEncoder().encode(body),
  });
  const never = new AbortController().signal;

  it("is what the caller gets, once the message is safe", async () => {
    const source = await open({}, true);
    let isAnswered = false;
    const asked = source.accept!(request())!.then((answer) => {
      isAnswered = true;
      return answer;
    });
    const message = handlers.delivered[0]!;
    expect(await source.reply!(message, answerOf(404, '{"found":false}'), never)).toEqual({ is: "answered" });
    await vi.advanceTimersByTimeAsync(1);
    expect(isAnswered).toBe(false);
    settleAll(source);
    const { status, headers, body } = await asked;
    expect({ status, order: headers["x-order"] }).toEqual({ status: 404, order: "o-1" });
    expect(Buffer.from(body).toString()).toBe('{"found":false}');
    await source.stop();
  });

  it("is the first; another, and one that comes too late, are dropped", async () => {
    const source = await open({ timeoutMs: 1_000 }, true);
    const asked = source.accept!(request())!;
    const message = handlers.delivered[0]!;
    await source.reply!(message, answerOf(200), never);
    expect(await source.reply!(message, answerOf(500), never)).toEqual({ is: "before" });
    settleAll(source);
    expect((await asked).status).toBe(200);
    expect(await source.reply!(message, answerOf(200), never)).toEqual({ is: "gone" });
    await source.stop();
  });

  it("that does not come: 202 when the message is safe, 504 when it is not in time or is dead", async () => {
    const source = await open({ timeoutMs: 1_000 }, true);
    const safe = source.accept!(request())!;
    settleAll(source);
    expect((await safe).status).toBe(202);
    handlers.delivered.length = 0;
    const dead = source.accept!(request())!;
    await vi.advanceTimersByTimeAsync(1);
    settleAll(source, "dead");
    expect((await dead).status).toBe(504);
    expect(JSON.parse(String((await dead).body))).toMatchObject({ deadLetter: true, code: "no-answer" });
    const late = source.accept!(request())!;
    await vi.advanceTimersByTimeAsync(1_100);
    expect((await late).status).toBe(504);
    await source.stop();
  });
});
