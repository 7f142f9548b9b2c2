import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { OpenSource } from "../../flow/behaviour";
import { jsonCodec } from "../../flow/codecs/json";
import type { BrokerRequest } from "../../flow/request-reply";
import { headersOf } from "../../flow/testing/node-context";
import { pause, Receiver, until } from "./conformance";
import { openPulsar } from "./pulsar";
import { answerWith, bodyOf, makeRequest } from "./request-samples";
import { TcpProxy } from "./tcp-proxy";

const { PULSAR_URL: url = "" } = process.env;
if (url === "") throw new Error("PULSAR_URL is not set: these tests need a real Pulsar");
const { hostname, port } = new URL(url);
const never = new AbortController().signal;

function open(name: string, proxy?: TcpProxy) {
  return openPulsar({
    name,
    config: proxy === undefined ? {} : { url: `ws://127.0.0.1:${proxy.port}` },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "", pulsarUrl: url },
    log: () => {},
  });
}

describe("request and reply over Pulsar", () => {
  const one = open("one");
  const other = open("other");
  const requests = `requests-${randomUUID()}`;
  const replies = `replies-${randomUUID()}`;
  const receiver = new Receiver();
  const sockets: WebSocket[] = [];
  let source: OpenSource;
  const ask = (through: typeof one, change: Partial<BrokerRequest> = {}) => {
    const request = makeRequest(requests, { replyTo: replies, timeoutMs: 60_000, ...change });
    return { request, end: through.port.request(request, never) };
  };
  /** The message of a request, as it came to whoever answers. */
  const receive = async (id: string) => {
    const find = () => receiver.received.findLast(({ headers }) => headersOf({ headers })["correlation-id"] === id);
    await until(() => find() !== undefined);
    return find()!;
  };
  /** A program that knows nothing of Millrace. */
  const openPlain = async (path: string) => {
    const socket = new WebSocket(`${url}/ws/v2/${path}`);
    sockets.push(socket);
    await once(socket, "open");
    return socket;
  };
  const writePlain = async (topic: string, value: string, properties: Record<string, string>) => {
    const producer = await openPlain(`producer/${topic.replace("://", "/")}`);
    producer.send(JSON.stringify({ payload: btoa(value), properties }));
    await once(producer, "message");
    producer.close();
  };
  const wholeName = (topic: string) => `persistent://public/default/${topic}`;

  beforeAll(async () => {
    await one.createPlace!("topic", requests, { partitions: 2 });
    const consume = {
      node: "in",
      topic: requests,
      subscription: "answering",
      type: "shared",
      fallback: "earliest",
      start: { from: "kind" },
      prefetch: 100,
      codec: jsonCodec,
      signal: never,
    } as const;
    source = await other.port.consume(consume, receiver);
  });
  afterAll(async () => {
    await source.stop();
    for (const socket of sockets) socket.terminate();
    await Promise.all([one.close(), other.close()]);
  });

  it("an answer comes back to the worker that asked, on a reply topic that is made", async () => {
    const asked = [ask(one), ask(other)];
    for (const { request } of asked) {
      const message = await receive(request.id);
      expect(headersOf(message)).toEqual({
        origin: "shop",
        "reply-to": wholeName(replies),
        "correlation-id": request.id,
      });
      expect([message.keyText, message.body]).toEqual(["c-7", { id: "o-1" }]);
      expect(await source.reply!(message, answerWith({ to: request.id }, 201), never)).toEqual({ is: "answered" });
      expect(await source.reply!(message, answerWith({}), never)).toEqual({ is: "before" });
    }
    for (const { request, end } of asked) {
      expect(await end).toMatchObject({ is: "answered", answer: { status: 201 } });
      expect(bodyOf(await end)).toEqual({ to: request.id });
    }
    expect(await one.describe([replies])).toMatchObject([{ partitions: 1 }]);
  });

  it("a plain client answers by the properties; what comes late or twice is told of", async () => {
    const { request, end } = ask(one, { timeoutMs: 1_500 });
    const { "reply-to": to, "correlation-id": id } = headersOf(await receive(request.id));
    expect(await end).toEqual({ is: "silent" });
    const answer = (value: string) => writePlain(to!, value, { "correlation-id": id!, "reply-status": "422" });
    await answer("{}");
    await until(() => request.strays.length === 1);
    expect(request.strays).toEqual(["late"]);
    const again = makeRequest(requests, { replyTo: replies, id: request.id });
    const second = one.port.request(again, never);
    await pause(200);
    await writePlain(to!, "{}", { "correlation-id": "of somebody else" });
    await answer('{"reason":"sold-out"}');
    expect(await second).toMatchObject({ is: "answered", answer: { status: 422 } });
    expect(bodyOf(await second)).toEqual({ reason: "sold-out" });
    await answer("{}");
    await until(() => again.strays.length === 1);
    expect(again.strays).toEqual(["repeated"]);
  });

  it("a plain client is answered at the topic that it names, and nobody waits at one that is gone", async () => {
    const theirs = `theirs-${randomUUID()}`;
    await one.createPlace!("topic", theirs, { partitions: 0 });
    const reader = await openPlain(`reader/persistent/public/default/${theirs}?messageId=earliest`);
    const answers: { payload: string; properties: Record<string, string> }[] = [];
    reader.on("message", (data) => answers.push(JSON.parse(String(data))));
    const send = (replyTo: string, id: string) =>
      writePlain(wholeName(requests), "{}", { "reply-to": replyTo, "correlation-id": id });
    await send(wholeName(theirs), "their-1");
    const message = await receive("their-1");
    expect(await source.reply!(message, answerWith({ price: 3 }), never)).toEqual({ is: "answered" });
    await until(() => answers.length === 1);
    expect(atob(answers[0]!.payload)).toBe('{"price":3}');
    expect(answers[0]!.properties).toMatchObject({ "correlation-id": "their-1", "reply-status": "200" });
    expect(await source.reply!(message.with({ headers: [] }), answerWith({}), never)).toEqual({ is: "unasked" });
    await send(wholeName(`gone-${randomUUID()}`), "their-2");
    expect(await source.reply!(await receive("their-2"), answerWith({}), never)).toEqual({ is: "gone" });
  });

  it("an answer that comes while the connection is broken is there when it is back, on every partition", async () => {
    const parted = `replies-${randomUUID()}`;
    await one.createPlace!("topic", parted, { partitions: 3 });
    const proxy = new TcpProxy({ host: hostname, port: Number(port) });
    await proxy.listen();
    const through = open("through", proxy);
    try {
      const asked = Array.from({ length: 6 }, () => ask(through, { replyTo: parted }));
      const messages = await Promise.all(asked.map(({ request }) => receive(request.id)));
      await proxy.cut();
      for (const [index, message] of messages.entries()) {
        // Each partition has one.
        const spread = message.with({ key: new TextEncoder().encode(`k${index}`) });
        expect(await source.reply!(spread, answerWith({ n: index }), never)).toEqual({ is: "answered" });
      }
      await pause(500);
      await proxy.listen();
      for (const [index, { end }] of asked.entries()) expect(bodyOf(await end)).toEqual({ n: index });
    } finally {
      await through.close();
      await proxy.cut();
    }
  });

  it("a topic that is missing is a dependency that is away, and no name at all is refused", async () => {
    const end = await one.port.request(makeRequest(`missing-${randomUUID()}`, { replyTo: replies }), never);
    expect(end).toMatchObject({ verdict: "retry", of: "dependency", cause: { code: "topic-missing" } });
    expect(await one.port.request(makeRequest("no topic", { replyTo: replies }), never)).toMatchObject({
      verdict: "reject",
    });
  });
});
