import { expect, it } from "vitest";
import type { QueueJob, QueuePort } from "../connection-ports";
import type { Message } from "../message";
import { makeContext, makeMessage } from "../testing/node-context";
import { done, retryDependency, type Verdict } from "../verdict";
import { queueSink } from "./queue-sink";
import { queueSinkBehaviour } from "./queue-sink.behaviour";

async function add(config: Record<string, unknown>, batch: Message[], answer: (queue: string) => Verdict = () => done) {
  const added: Record<string, readonly QueueJob[]> = {};
  const queue: QueuePort = {
    consume: () => Promise.reject(new Error("not asked here")),
    request: () => Promise.reject(new Error("not asked here")),
    readResult: () => Promise.reject(new Error("not asked here")),
    awaitResult: () => Promise.reject(new Error("not asked here")),
    add: async (name, jobs) => {
      added[name] = [...(added[name] ?? []), ...jobs];
      return jobs.map(() => answer(name));
    },
  };
  const sink = queueSinkBehaviour.open(queueSink.config.parse({ queue: "q", ...config }), makeContext({ queue }));
  return { verdicts: await sink.write(batch, { signal: new AbortController().signal, attempt: 1 }), added };
}

it("adds a job for each message, with what the config says and nothing else", async () => {
  const plain = makeMessage({ id: "o-1" });
  expect((await add({}, [plain])).added).toEqual({ q: [{ name: "message", message: plain, attempts: 1 }] });
  const { added } = await add(
    { jobName: "order-${body.kind}", jobId: "'order-' + body.id", delayMs: 500, priority: 3, attempts: 5 },
    [makeMessage({ id: 7, kind: "new" })],
  );
  expect(added.q).toMatchObject([{ name: "order-new", jobId: "order-7", delayMs: 500, priority: 3, attempts: 5 }]);
});

it("adds to each queue in one go, and answers in the order of the batch", async () => {
  const batch = ["DE", "FR", "DE", "a:b"].map((country) => makeMessage({ country }));
  const away = retryDependency("broker-unreachable", "away");
  const { verdicts, added } = await add({ queue: "orders-${body.country}" }, batch, (name) =>
    name === "orders-FR" ? away : done,
  );
  expect(Object.entries(added).map(([name, jobs]) => [name, jobs.length])).toEqual([
    ["orders-DE", 2],
    ["orders-FR", 1],
  ]);
  expect(verdicts.map((each) => (each.verdict === "reject" ? each.cause.code : each))).toEqual([
    done,
    away,
    done,
    "body-invalid",
  ]);
});

it.each([
  ["only digits", "body.digits"],
  ["a number", "body.number"],
  ["a colon", "body.colon"],
  ["nothing", "null"],
  ["an empty text", "''"],
])("rejects an id of %s", async (_, jobId) => {
  const { verdicts, added } = await add({ jobId }, [makeMessage({ digits: "4711", number: 4711, colon: "a:b" })]);
  expect(verdicts).toMatchObject([{ verdict: "reject", cause: { code: "job-id-invalid" } }]);
  expect(added).toEqual({});
});

it("gives BullMQ an id to take each message once by, for a time", async () => {
  const batch = [makeMessage({ id: "a:b" }), makeMessage({ id: 4711 }, { position: "8" }), makeMessage({ id: null })];
  const own = await add({ deduplicateFor: "2h", deduplicateBy: "body.id" }, batch);
  expect(own.added.q?.map(({ deduplication }) => deduplication)).toEqual([
    { id: "a:b", ttlMs: 7_200_000 },
    { id: "4711", ttlMs: 7_200_000 },
  ]);
  expect(own.verdicts[2]).toMatchObject({ verdict: "reject", cause: { code: "job-id-invalid" } });
  const [first, second] = (await add({ deduplicateFor: "1d" }, batch)).added.q!;
  expect(first?.deduplication).toEqual({ id: "default/here/orders/source/orders%2F0/7/0", ttlMs: 86_400_000 });
  expect(second?.deduplication?.id).not.toBe(first?.deduplication?.id);
});

it("says what a second adding does", () => {
  const semantics = (change: object) => queueSink.semantics(queueSink.config.parse({ queue: "q", ...change }));
  expect(semantics({})).toMatchObject({ repeat: "duplicates", order: "keeps" });
  // BullMQ forgets an id with its job, so an id alone does not make it once.
  expect(semantics({ jobId: "body.id" }).repeat).toBe("duplicates");
  expect(semantics({ deduplicateFor: "1d" }).repeat).toEqual({
    deduplicatedBy: "the message's place",
    windowMs: 86_400_000,
  });
  expect(semantics({ deduplicateFor: "1d", deduplicateBy: "body.id" }).repeat).toMatchObject({
    deduplicatedBy: "`body.id`",
    byContent: true,
  });
  expect(semantics({ delayMs: 1 }).order).toMatchObject({ lost: expect.any(String) });
});

it("checks the name of a queue, and leaves one with holes to the message", () => {
  const check = (queue: string) => queueSink.check!(queueSink.config.parse({ queue }));
  expect(check("orders-other")).toEqual([]);
  expect(check("orders-${body.country}")).toEqual([]);
  expect(check("a:b")).toMatchObject([{ code: "config-field-invalid", field: "queue" }]);
});
