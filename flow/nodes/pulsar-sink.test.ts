import { expect, it } from "vitest";
import type { ProducerOptions, PulsarMessage } from "../connections/pulsar-port";
import type { Message } from "../message";
import { semanticsOf } from "../semantics";
import { drawFlow } from "../testing/drawing";
import { headersOf, makeContext, makeMessage, makeRawMessage, textOf } from "../testing/node-context";
import { done } from "../verdict";
import { pulsarSink } from "./pulsar-sink";
import { pulsarSinkBehaviour } from "./pulsar-sink.behaviour";

async function write(config: Record<string, unknown>, batch: Message[]) {
  const calls: { messages: readonly PulsarMessage[]; options: ProducerOptions }[] = [];
  const pulsar = {
    consume: () => Promise.reject(new Error("not asked here")),
    request: () => Promise.reject(new Error("not asked here")),
    produce: async (messages: readonly PulsarMessage[], options: ProducerOptions) => {
      calls.push({ messages, options });
      return messages.map(() => done);
    },
  };
  const sink = pulsarSinkBehaviour.open(pulsarSink.config.parse({ topic: "out", ...config }), makeContext({ pulsar }));
  const verdicts = await sink.write(batch, { signal: new AbortController().signal, attempt: 1 });
  return { verdicts, calls, messages: calls.flatMap(({ messages }) => messages) };
}

it("writes unread bytes as they came, a tombstone as none, and says nothing about a delay", async () => {
  const value = new TextEncoder().encode('{ "id" : 1.0 }');
  const { messages, calls } = await write({}, [makeRawMessage({ value }), makeRawMessage({ value: null })]);
  expect(messages.map((message) => message.value)).toEqual([value, null]);
  expect(messages[0]).not.toHaveProperty("deliverAfterMs");
  expect(calls.map(({ options }) => options)).toEqual([{ batching: false, compression: "none" }]);
});

it("chooses topic, key and properties per message, in one go", async () => {
  const config = { topic: "orders.${body.country}", key: "body.id", headers: { country: "${body.country}" } };
  const batch = [makeMessage({ id: 7, country: "DE" }, { headers: { keep: "1" } }), makeMessage({ country: "FR" })];
  const { messages, calls, verdicts } = await write({ ...config, delayMs: 500, batching: true }, batch);
  expect(calls).toHaveLength(1);
  expect(messages).toMatchObject([{ topic: "orders.DE", deliverAfterMs: 500 }]);
  expect(textOf(messages[0]!.key)).toBe("7");
  expect(headersOf(messages[0]!)).toEqual({ keep: "1", country: "DE" });
  expect(calls[0]!.options.batching).toBe(true);
  expect(verdicts).toMatchObject([{ verdict: "done" }, { verdict: "reject", cause: { code: "expression-failed" } }]);
});

it("refuses a topic that is no name, and leaves names with holes to each message", () => {
  const check = (topic: string) => pulsarSink.check!(pulsarSink.config.parse({ topic }));
  for (const topic of ["orders", "acme/shop/orders", "persistent://acme/shop/orders", "orders.${body.id}"])
    expect(check(topic)).toEqual([]);
  for (const topic of ["a b", "shop/orders", "non-persistent://a/b/c", "a/b/c/d"])
    expect(check(topic)).toMatchObject([{ field: "topic" }]);
});

it("says in the flow's guarantee that the WebSocket API has no transactions", () => {
  const flow = drawFlow(
    [
      ["in", "kafka-source", { topic: "orders" }],
      ["out", "pulsar-sink", { topic: "out" }],
    ],
    "in>out",
  );
  const told = semanticsOf(flow).weakenings.filter(
    ({ node, text }) => node === "out" && text.includes("WebSocket API"),
  );
  expect(told).toMatchObject([{ weakens: "delivery", text: expect.stringContaining("no transactions"), usual: true }]);
});
