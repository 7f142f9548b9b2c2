import { describe, expect, it } from "vitest";
import { checkFlow } from "../check";
import { configureNode } from "../configure";
import type { Message } from "../message";
import { semanticsOf } from "../semantics";
import { drawFlow } from "../testing/drawing";
import { makeContext, makeMessage, makeRawMessage } from "../testing/node-context";
import { MemoryReceivedKeys } from "../testing/received-keys";
import { isFailure, type StepResult } from "../verdict";
import { idempotentReceiver } from "./idempotent-receiver";
import { idempotentReceiverBehaviour } from "./idempotent-receiver.behaviour";

const utf8 = new TextEncoder();

/** A receiver of a worker; several share one store. */
function open(config: Record<string, unknown> = {}, store = new MemoryReceivedKeys(), worker = "one", node = "once") {
  const context = { ...makeContext(), receivedKeys: store.worker(worker), node };
  const step = idempotentReceiverBehaviour.open(
    idempotentReceiver.config.parse({ key: "body.id", ...config }),
    context,
  );
  const abort = new AbortController();
  return {
    store,
    abort,
    async process(...batch: Message[]) {
      const results = await step.process(batch, { signal: abort.signal, attempt: 1 });
      return results.map(nameResult);
    },
    confirm: (...batch: Message[]) => step.confirm!(batch),
  };
}

function nameResult(result: StepResult): string {
  if ("leavesBy" in result) return result.leavesBy;
  if (!isFailure(result)) return result.emit.map(({ port }) => port).join() || "dropped";
  return result.verdict === "retry" ? `retry ${result.of} ${result.cause.code}` : `reject ${result.cause.code}`;
}

const at = (position: string, id: unknown = "o-1") => makeMessage({ id }, { position });

describe("keys", () => {
  it("lets the first of each through, also within a batch, and the very same message", async () => {
    const { process } = open();
    const message = at("1");
    expect(await process(message, at("2"), at("3", "o-2"), message)).toEqual(["out", "duplicate", "out", "duplicate"]);
    const step = idempotentReceiverBehaviour.open(idempotentReceiver.config.parse({ key: "body.id" }), makeContext());
    const [result] = await step.process([message], { signal: new AbortController().signal, attempt: 1 });
    expect(result).toEqual({ leavesBy: "out" });
  });

  it("takes the message's own key when it names none, byte by byte", async () => {
    const { process } = open({ key: "" });
    const withKey = (position: string, ...bytes: number[]) => makeRawMessage({ key: new Uint8Array(bytes), position });
    expect(await process(withKey("1", 0xff), withKey("2", 0xfe), withKey("3", 0xff))).toEqual([
      "out",
      "out",
      "duplicate",
    ]);
  });

  it("rejects a message without a key, and one whose key fails, and leaves the others alone", async () => {
    expect(await open({ key: undefined }).process(at("1"))).toEqual(["reject body-invalid"]);
    const broken = makeRawMessage({ value: utf8.encode("{oops"), position: "3" });
    expect(await open().process(at("1", null), at("2", ""), broken, at("4", 7))).toEqual([
      "reject body-invalid",
      "reject body-invalid",
      "reject codec-decode",
      "out",
    ]);
  });

  it("are those of the node, unless they are shared by name", async () => {
    const { store, process } = open();
    await process(at("1"));
    expect(await open({}, store, "one", "other").process(at("2"))).toEqual(["out"]);
    const shared = open({ scope: "orders" }, store);
    expect(await shared.process(at("1"))).toEqual(["out"]);
    expect(await open({ scope: "orders" }, store, "two", "other").process(at("2"))).toEqual([
      "retry dependency key-reserved",
    ]);
  });
});

describe("the same message again", () => {
  it("goes through after a crash, whichever worker brings it, until it is confirmed; then it is dropped", async () => {
    const { store, process } = open();
    expect(await process(at("1"))).toEqual(["out"]);
    const next = open({}, store, "two");
    const again = at("1");
    expect(await next.process(again)).toEqual(["out"]);
    await next.confirm(again);
    expect(await open({}, store, "three").process(at("1"))).toEqual(["dropped"]);
    expect(await open({}, store, "three").process(at("2"))).toEqual(["duplicate"]);
  });

  it("goes through when a person sends it again from the dead letters", async () => {
    const { store, process, confirm } = open();
    const first = at("1");
    await process(first);
    // Its dead letter is safe, so the engine confirms it.
    await confirm(first);
    const meta = {
      lane: "redrive",
      position: "letter-1",
      origin: { lane: "orders/0", position: "1", part: "0", resent: true },
    };
    const resent = first.with({ meta: { ...first.meta, ...meta } });
    expect(await open({}, store).process(resent)).toEqual(["out"]);
    const another = first.with({ meta: { ...resent.meta, origin: { ...meta.origin, position: "2" } } });
    expect(await open({}, store).process(another)).toEqual(["duplicate"]);
  });

  it("tries once more after it was put back", async () => {
    const { process, abort } = open();
    const message = at("1");
    await process(message);
    abort.abort();
    expect(await process(message)).toEqual(["out"]);
  });
});

describe("another message with the key", () => {
  it("waits until the first is confirmed, with a cause that names it, and then is a duplicate", async () => {
    const { store, process, confirm } = open();
    const first = at("1");
    await process(first);
    const other = open({}, store, "two");
    const context = { signal: new AbortController().signal, attempt: 1 };
    const step = idempotentReceiverBehaviour.open(idempotentReceiver.config.parse({ key: "body.id" }), {
      ...makeContext(),
      receivedKeys: store.worker("two"),
      node: "once",
    });
    const [result] = await step.process([at("2")], context);
    expect(result).toMatchObject({ cause: { code: "key-reserved", message: expect.stringContaining("orders/0 1") } });
    await confirm(first);
    expect(await other.process(at("2"))).toEqual(["duplicate"]);
  });

  it("holds its whole batch, which has nothing reserved then", async () => {
    const { store, process } = open();
    await process(at("1", "b"));
    const other = open({}, store, "two");
    expect(await other.process(at("2", "a"), at("3", "b"), at("4", null))).toEqual([
      "retry dependency key-reserved",
      "retry dependency key-reserved",
      "reject body-invalid",
    ]);
    expect(await process(at("5", "a"))).toEqual(["out"]);
  });

  it("goes first when the worker of the first is gone", async () => {
    const { store, process, confirm } = open();
    const first = at("1");
    await process(first);
    store.gone.add("one");
    const second = at("2");
    const other = open({}, store, "two");
    expect(await other.process(second)).toEqual(["out"]);
    // The old one confirms what is another's by now.
    await confirm(first);
    expect(await other.process(at("3"))).toEqual(["retry dependency key-reserved"]);
    await other.confirm(second);
    expect(await open({}, store, "three").process(at("1"))).toEqual(["duplicate"]);
  });

  it("goes first when the first was cut off, but not when that was confirmed before", async () => {
    const { store, process, confirm, abort } = open();
    const [cut, safe] = [at("1", "a"), at("2", "b")];
    await process(cut, safe);
    await confirm(safe);
    abort.abort();
    expect(await open({}, store, "two").process(at("3", "a"))).toEqual(["out"]);
    expect(await open({}, store, "two").process(at("4", "b"))).toEqual(["duplicate"]);
  });

  it("goes through when the key is past its time", async () => {
    const { store, process, confirm } = open({ ttl: "15m" });
    const first = at("1");
    await process(first);
    await confirm(first);
    store.now += 15 * 60_000;
    expect(await open({ ttl: "15m" }, store, "two").process(at("2"))).toEqual(["out"]);
  });
});

it("holds the lane while the store is away, and rejects a confirmation so that it is tried again", async () => {
  const { store, process, confirm } = open();
  const message = at("1");
  await process(message);
  store.away = true;
  expect(await process(at("2", "o-2"))).toEqual(["retry dependency store-unreachable"]);
  await expect(confirm(message)).rejects.toThrow();
  store.away = false;
  await confirm(message);
  expect(await open({}, store, "two").process(at("3"))).toEqual(["duplicate"]);
});

it("confirms nothing of a duplicate", async () => {
  const { store, process, confirm } = open();
  const [first, second] = [at("1"), at("2")];
  await process(first, second);
  await confirm(second);
  expect(await open({}, store, "two").process(at("3"))).toEqual(["retry dependency key-reserved"]);
  await confirm(first, second);
  expect(await open({}, store, "two").process(at("1"))).toEqual(["dropped"]);
});

it("says what it lets pass once, and for how long", () => {
  const flow = drawFlow(
    [
      ["orders", "kafka-source", { topic: "orders" }],
      ["once", "idempotent-receiver", { key: "body.id", ttl: "12h" }],
      ["jobs", "queue-sink", { queue: "jobs", deduplicateFor: "1d" }],
      ["copy", "kafka-sink", { topic: "copy", messageId: true }],
    ],
    "orders>once",
    "once.out>jobs",
    "once.out>copy",
  );
  const { paths, grounds } = semanticsOf(flow);
  expect(grounds.map(({ text }) => text)).toContain(
    "`once` lets a message pass once: recognised by `body.id`, for 12 h.",
  );
  const summaries = Object.fromEntries(paths.map(({ to, summary }) => [to, summary]));
  expect(summaries.jobs).toContain("Effectively once for 1 d");
  // A crash between a write and its confirmation writes again, and Kafka does not look at ids.
  expect(summaries.copy).toContain("At least once");
});

it("keeps a flow from being exactly once: a key is not taken back with a transaction", () => {
  const flow = drawFlow(
    [
      ["orders", "kafka-source", { topic: "orders" }],
      ["once", "idempotent-receiver", { key: "body.id" }],
      ["copy", "kafka-sink", { topic: "copy" }],
    ],
    "orders>once",
    "once.out>copy",
  );
  const problems = checkFlow({ ...flow, settings: { delivery: "exactly-once" } });
  expect(problems).toMatchObject([{ code: "exactly-once-broken", node: "once" }]);
});

it("checks what is typed", () => {
  const check = (config: Record<string, unknown>) =>
    configureNode({ id: "once", kind: "idempotent-receiver", config }).problems.map(({ field }) => field);
  for (const ttl of ["7 days", "0d", "91d", "1w", ""]) expect(check({ ttl })).toEqual(["ttl"]);
  for (const ttl of ["30s", "15m", "12h", "90d"]) expect(check({ ttl })).toEqual([]);
  expect(check({ scope: "a/b" })).toEqual(["scope"]);
  expect(check({ scope: "" })).toEqual([]);
});
