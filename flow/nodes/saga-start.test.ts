import { expect, it } from "vitest";
import { RecordedHolding } from "../testing/holding";
import { makeContext, makeMessage, makeRawMessage } from "../testing/node-context";
import { retryDependency } from "../verdict";
import { sagaStart } from "./saga-start";
import { sagaStartBehaviour } from "./saga-start.behaviour";

async function start(
  config: Record<string, unknown>,
  batch: ReturnType<typeof makeMessage>[],
  holding = new RecordedHolding(),
) {
  const sink = sagaStartBehaviour.open(sagaStart.config.parse(config), { ...makeContext(), holding });
  const verdicts = await sink.write(batch, {
    signal: new AbortController().signal,
    attempt: 1,
    partOf: (at) => `.${at}`,
  });
  return { holding, verdicts };
}

it("begins a saga with the message's key and body", async () => {
  const message = makeMessage({ id: "o-1" }, { key: "c-7" });
  const { holding } = await start({}, [message]);
  expect(holding.started).toEqual([{ message, part: ".0", key: "c-7", data: { id: "o-1" } }]);
});

it("begins it with the key and the data that it is told", async () => {
  const { holding } = await start({ key: "body.id", data: "{'n': body.n}" }, [makeMessage({ id: 17, n: 2 })]);
  expect(holding.started).toMatchObject([{ key: "17", data: { n: 2 } }]);
});

it.each([
  ["no key", {}, undefined, /set its `key`/],
  ["an empty key", {}, "", /set its `key`/],
  ["a key of blanks", { key: "' '" }, "c-7", /gave an empty key/],
  ["a key of null", { key: "body.none == null ? null : 'x'" }, "c-7", /gave an empty key/],
])("refuses a message with %s", async (_, config, key, words) => {
  const { holding, verdicts } = await start(config, [makeMessage({ id: "o-1" }, key === undefined ? {} : { key })]);
  expect(verdicts).toMatchObject([{ verdict: "reject", cause: { code: "saga-key-empty" } }]);
  expect(JSON.stringify(verdicts)).toMatch(words);
  expect(holding.started).toEqual([]);
});

it("refuses keys that are no text or too long, and bodies that cannot be read", async () => {
  const list = await start({ key: "[1]" }, [makeMessage({})]);
  expect(list.verdicts).toMatchObject([{ verdict: "reject", cause: { code: "body-invalid" } }]);
  const long = await start({}, [makeMessage({}, { key: "k".repeat(501) })]);
  expect(long.verdicts).toMatchObject([{ verdict: "reject", cause: { code: "body-invalid" } }]);
  const broken = makeRawMessage({ key: new Uint8Array([49]), value: new Uint8Array([123]) });
  expect((await start({}, [broken])).verdicts).toMatchObject([{ verdict: "reject", cause: { code: "codec-decode" } }]);
});

it("waits while the store is away", async () => {
  const holding = new RecordedHolding();
  holding.verdict = retryDependency("store-unreachable", "away");
  const { verdicts } = await start({}, [makeMessage({}, { key: "a" })], holding);
  expect(verdicts).toEqual([holding.verdict]);
});
