import { expect, it } from "vitest";
import type { Transaction } from "../behaviour";
import type { Compression, KafkaRecord } from "../connection-ports";
import type { Message } from "../message";
import { headersOf, makeContext, makeMessage, makeRawMessage, textOf } from "../testing/node-context";
import { done, retryDependency, type Verdict } from "../verdict";
import { kafkaSink } from "./kafka-sink";
import { kafkaSinkBehaviour } from "./kafka-sink.behaviour";

async function write(
  config: Record<string, unknown>,
  batch: Message[],
  answer: (record: KafkaRecord) => Verdict = () => done,
) {
  const calls: (readonly KafkaRecord[])[] = [];
  const compressions: (Compression | undefined)[] = [];
  const kafka = {
    consume: () => Promise.reject(new Error("not asked here")),
    request: () => Promise.reject(new Error("not asked here")),
    produce: async (
      records: readonly KafkaRecord[],
      _signal: AbortSignal,
      _transaction?: Transaction,
      compression?: Compression,
    ) => {
      calls.push(records);
      compressions.push(compression);
      return records.map(answer);
    },
  };
  const sink = kafkaSinkBehaviour.open(kafkaSink.config.parse(config), makeContext({ kafka }));
  const verdicts = await sink.write(batch, { signal: new AbortController().signal, attempt: 1 });
  return { verdicts, calls, compressions, records: calls.flat() };
}

it("writes unread bytes as they came, with key and headers", async () => {
  const value = new TextEncoder().encode('{ "id" : 1.0 }');
  const key = new Uint8Array([0, 255]);
  const message = makeRawMessage({
    key,
    value,
    headers: [
      ["a", new Uint8Array([1])],
      ["a", new Uint8Array([2])],
    ],
  });
  const { records } = await write({ topic: "out" }, [message]);
  expect(records[0]?.value).toBe(value);
  expect(records[0]?.key).toBe(key);
  expect(records[0]?.headers).toHaveLength(2);
});

it("keeps a tombstone a tombstone, and an empty value empty", async () => {
  const { records } = await write({ topic: "out" }, [
    makeRawMessage({ value: null }),
    makeRawMessage({ value: new Uint8Array() }),
  ]);
  expect(records.map(({ value }) => value?.length ?? null)).toEqual([null, 0]);
});

it.each([
  ["body.id", "o-1"],
  ["body.n", "42"],
  ["body.big", "9007199254740993"],
  ["body.yes", "true"],
  ["body.list", '["a",1]'],
  ["null", null],
])("makes a key of %s", async (key, expected) => {
  const body = { id: "o-1", n: 42, big: 9007199254740993n, yes: true, list: ["a", 1] };
  const { records } = await write({ topic: "out", key }, [makeMessage(body, { key: "old" })]);
  expect(textOf(records[0]!.key)).toBe(expected);
});

it("chooses the topic and headers per message, over those that are there", async () => {
  const { records } = await write(
    { topic: "orders.${body.country}", headers: { country: "${body.country}", origin: "millrace" } },
    [makeMessage({ country: "DE" }, { headers: { origin: "shop", keep: "1" } }), makeMessage({ country: "FR" })],
  );
  expect(records.map(({ topic }) => topic)).toEqual(["orders.DE", "orders.FR"]);
  expect(headersOf(records[0]!)).toEqual({ keep: "1", country: "DE", origin: "millrace" });
});

it("writes the batch in one go, and answers in its order when a message cannot be written", async () => {
  const batch = [makeMessage({ id: 1 }), makeMessage({ id: "x" }), makeMessage({ id: 3 })];
  const away = retryDependency("broker-unreachable", "away");
  const { verdicts, calls } = await write({ topic: "out", key: "body.id * 2" }, batch, (record) =>
    textOf(record.key) === "6" ? away : done,
  );
  expect(calls.map((records) => records.length)).toEqual([2]);
  expect(verdicts).toEqual([done, expect.objectContaining({ verdict: "reject" }), away]);
  expect(verdicts[1]).toMatchObject({
    cause: { code: "expression-failed", message: expect.stringContaining("`key` of node `here`") },
  });
});

it("asks the broker nothing when no message can be written", async () => {
  const { verdicts, calls } = await write({ topic: "out", key: "body.id * 2" }, [makeMessage({ id: "x" })]);
  expect(calls).toEqual([]);
  expect(verdicts).toHaveLength(1);
});

it("says how its records are compressed: not at all, or as its settings want it", async () => {
  expect((await write({ topic: "out" }, [makeMessage({})])).compressions).toEqual(["none"]);
  expect((await write({ topic: "out", compression: "lz4" }, [makeMessage({})])).compressions).toEqual(["lz4"]);
});

it("encodes in another format, and rejects what has no form in it", async () => {
  const { records, verdicts } = await write({ topic: "out", codec: "text" }, [
    makeMessage("hello"),
    makeMessage({ a: 1 }),
  ]);
  expect(textOf(records[0]!.value)).toBe("hello");
  const second = verdicts[1]!;
  // A record has a text form or has not: either way it is not lost without a word.
  expect(second.verdict === "done" ? records.length : second.cause.code).toEqual(
    second.verdict === "done" ? 2 : "codec-encode",
  );
});

it("writes an id that is the same when the same message is written again, in place of one that came", async () => {
  const batch = [makeMessage({ id: 1 }, { headers: { "millrace-message-id": "came" } })];
  expect(headersOf((await write({ topic: "out" }, batch)).records[0]!)).toEqual({ "millrace-message-id": "came" });
  const written = async () => headersOf((await write({ topic: "out", messageId: true }, batch)).records[0]!);
  expect(await written()).toEqual({ "millrace-message-id": "default/here/orders/source/orders%2F0/7/0" });
  expect(await written()).toEqual(await written());
});
