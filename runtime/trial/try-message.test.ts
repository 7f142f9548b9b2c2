import { expect, test } from "vitest";
import { behaviourOf } from "../../flow/behaviours";
import { kinds } from "../../flow/catalog";
import { findCoverage, listCoverable } from "../../flow/coverage";
import type { FlowDocument } from "../../flow/document";
import type { GivenAnswer, TestMessage } from "../../flow/test-case";
import { type DrawnNode as Drawn, drawFlow as draw } from "../../flow/testing/drawing";
import { silent } from "../testing";
import type { TrialHouse } from "./open-trial";
import { tryMessage } from "./try-message";

const house: TrialHouse = {
  environment: "default",
  log: silent,
  behaviourOf,
  connection: () => {
    throw new Error("Nothing is called.");
  },
};

const source: Drawn = ["orders", "kafka-source", { connection: "kafka", topic: "orders" }];
const sink = (id: string, topic: string, more = {}): Drawn => [
  id,
  "kafka-sink",
  { connection: "kafka", topic, ...more },
];

async function tryOn(
  document: FlowDocument,
  message: TestMessage,
  more: { answers?: Record<string, GivenAnswer[]>; now?: string } = {},
) {
  const { trial } = await tryMessage(house, { document, at: "orders", message, calls: "given", ...more });
  return trial;
}

const route = draw(
  [
    source,
    ["route", "switch", { cases: [{ port: "de", when: "body.country == 'DE'" }] }],
    ["total", "map", { set: { total: "body.price * body.quantity" } }],
    sink("german", "orders.de", { key: "body.id" }),
    ["others", "queue-sink", { connection: "queue", queue: "orders-other" }],
  ],
  "orders>route",
  "route.de>total",
  "total>german",
  "route.otherwise>others",
);

test("a message goes its way, and what would have been written is told", async () => {
  const trial = await tryOn(route, { key: "k", body: { id: "a-1", country: "DE", price: 2, quantity: 3 } });
  expect(trial.state).toBe("done");
  expect(trial.detail.steps.map(({ node, state }) => [node, state])).toEqual([
    ["orders", "done"],
    ["route", "done"],
    ["total", "done"],
    ["german", "done"],
  ]);
  expect(trial.effects).toEqual([{ step: 3, is: "would-write", to: "topic orders.de" }]);
  expect(trial.outcome).toEqual({
    expect: {
      german: [{ key: "a-1", body: { id: "a-1", country: "DE", price: 2, quantity: 3, total: 6 } }],
      others: [],
    },
  });
});

test("a message that a step refuses for good is told as a dead letter, with as many tries as in earnest", async () => {
  const failing = draw(
    [source, ["total", "map", { set: { total: "body.price * 2" } }], sink("out", "out")],
    "orders>total",
    "total>out",
  );
  const trial = await tryOn(failing, { body: { price: "x" } });
  expect(trial.state).toBe("dead");
  expect(trial.outcome).toEqual({ expect: { out: [] }, fails: [{ node: "total", code: "expression-failed" }] });
  const broken = await tryOn(failing, { text: "{" });
  expect(broken.outcome.fails).toEqual([{ node: "total", code: "codec-decode" }]);
});

const calling = draw(
  [
    source,
    [
      "price",
      "http-request",
      { connection: "http", url: "http://prices/${body.id}", into: "answer" },
      { retry: { attempts: 3, backoff: "fixed", delayMs: 60_000, maxDelayMs: 60_000 } },
    ],
    sink("out", "out"),
  ],
  "orders>price",
  "price>out",
);

test("a call is answered by what is given: the n-th by the n-th answer, all later ones by the last", async () => {
  const trial = await tryOn(
    calling,
    { body: { id: 7 } },
    { answers: { price: [{ status: 500 }, { body: { price: 3 } }] } },
  );
  expect(trial.state).toBe("done");
  expect(trial.detail.steps.map(({ node, state, attempt }) => [node, state, attempt])).toEqual([
    ["orders", "done", 1],
    ["price", "retry", 1],
    ["price", "done", 2],
    ["out", "done", 1],
  ]);
  expect(trial.effects).toEqual([
    { step: 1, is: "answered", to: "POST http://prices/7" },
    { step: 2, is: "answered", to: "POST http://prices/7" },
    { step: 3, is: "would-write", to: "topic out" },
  ]);
  expect(trial.outcome.expect.out).toEqual([{ key: null, body: { id: 7, answer: { price: 3 } } }]);
  expect(trial.answers).toEqual({ price: [{ status: 500 }, { body: { price: 3 } }] });
});

test("without an answer a call fails as no-answer-given, at once", async () => {
  const trial = await tryOn(calling, { body: { id: 7 } });
  expect(trial.outcome.fails).toEqual([{ node: "price", code: "no-answer-given" }]);
  expect(trial.detail.steps).toHaveLength(2);
  expect(trial.effects).toEqual([]);
});

test("what stays away holds the message where it is; what comes back lets it go on", async () => {
  const away = await tryOn(calling, { body: { id: 7 } }, { answers: { price: [{ fails: "Nobody is there." }] } });
  expect(away.state).toBe("held");
  expect(away.detail.steps.map(({ node, state }) => [node, state])).toEqual([
    ["orders", "done"],
    ["price", "retry"],
    ["price", "retry"],
    ["price", "retry"],
  ]);
  expect(away.effects.at(-1)).toMatchObject({
    step: 3,
    is: "would-hold",
    why: expect.stringContaining("Nobody is there."),
  });
  const answers = { price: [{ fails: "a" }, { fails: "b" }, { fails: "c" }, { fails: "d" }, { body: 1 }] };
  expect((await tryOn(calling, { body: { id: 7 } }, { answers })).state).toBe("done");
});

test("retries take as many attempts as in earnest, and no time", async () => {
  const startedAt = performance.now();
  const trial = await tryOn(
    calling,
    { body: { id: 7 } },
    { answers: { price: [{ status: 500, headers: [["Retry-After", "30"]] }] } },
  );
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(trial.detail.steps.filter(({ node }) => node === "price").map(({ state }) => state)).toEqual([
    "retry",
    "retry",
    "dead",
  ]);
  expect(trial.outcome.fails).toEqual([{ node: "price", code: "http-status" }]);
});

test("a delay goes on at once, with the clock set behind it; a wait ends there", async () => {
  const delayed = draw(
    [
      source,
      ["later", "delay", { for: "2h" }],
      ["again", "delay", { for: "1h" }],
      ["paid", "wait", { awaits: "body.id", event: "body.id", within: "1d" }],
      ["events", "kafka-source", { connection: "kafka", topic: "events" }],
      sink("late", "late"),
    ],
    "orders>later",
    "later>again",
    "again>paid",
    "events>paid.event",
    "paid.timeout>late",
  );
  const trial = await tryOn(delayed, { body: { id: "a" } }, { now: "2026-01-01T00:00:00Z" });
  expect(trial.state).toBe("held");
  expect(trial.detail.steps.map(({ node }) => node)).toEqual(["orders", "later", "later", "again", "again", "paid"]);
  expect(trial.effects).toEqual([
    { step: 1, is: "would-hold", until: Date.parse("2026-01-01T02:00:00Z"), why: "It goes on when its time has come." },
    { step: 3, is: "would-hold", until: Date.parse("2026-01-01T03:00:00Z"), why: "It goes on when its time has come." },
    { step: 5, is: "would-hold", until: Date.parse("2026-01-02T03:00:00Z"), why: "It waits here for “a”." },
  ]);
  expect(trial.outcome).toEqual({ expect: { paid: [{ key: null, body: { id: "a" } }], late: [] } });
});

test("a split into very many is cut, and says so", async () => {
  const divided = draw(
    [source, ["lines", "split", { items: "body" }], sink("out", "out")],
    "orders>lines",
    "lines>out",
  );
  const trial = await tryOn(divided, { body: Array.from({ length: 3_000 }, (_, n) => ({ n })) });
  expect(trial.cut).toContain("1000 steps");
  expect(trial.detail.steps.length).toBeLessThanOrEqual(1_000);
});

test("what cannot be tried is refused in words", async () => {
  await expect(tryOn(draw([sink("orders", "x")]), {})).rejects.toThrow();
  await expect(tryOn(draw([source, sink("out", "out")], "orders>out", "out>orders"), {})).rejects.toThrow();
  const other = tryMessage(house, { document: route, at: "total", message: {}, calls: "given" });
  await expect(other).rejects.toThrow("`total` is no source of this flow");
  await expect(tryOn(route, { text: "x".repeat(1_048_577) })).rejects.toThrow("at most 1048576");
  await expect(tryOn(route, { base64: "%" })).rejects.toThrow("not base64");
});

test("an expression with the set clock, and a webhook that is answered", async () => {
  const answered = draw(
    [
      ["orders", "webhook-source", { path: "orders" }],
      ["hello", "respond", { body: "{'got': body.id}", status: "201" }],
    ],
    "orders>hello",
  );
  const trial = await tryOn(answered, { body: { id: 3 } });
  expect(trial.effects).toEqual([{ step: 1, is: "would-write", to: "answer to the caller, status 201" }]);
  expect(trial.outcome.expect.hello).toEqual([
    {
      key: null,
      headers: [
        ["reply-status", "201"],
        ["content-type", "application/json"],
      ],
      body: { got: 3 },
    },
  ]);
});

test("coverage tells which nodes, ports and cases of a switch a trial came by", async () => {
  const { detail } = await tryOn(route, { body: { id: "a", country: "DE", price: 1, quantity: 1 } });
  expect(findCoverage([detail])).toEqual({
    nodes: ["orders", "route", "total", "german"],
    ports: ["orders.out", "route.de", "total.out"],
  });
  expect(listCoverable(route)).toEqual({
    nodes: ["orders", "route", "total", "german", "others"],
    ports: ["orders.out", "route.de", "route.otherwise", "total.out"],
  });
});

test("a node that is disabled passes on, drops, or holds the message there", async () => {
  const gate = (disabled: "pass" | "drop" | "block") =>
    tryOn(draw([source, ["gate", "log", {}, { disabled }], sink("out", "out")], "orders>gate", "gate>out"), {
      body: 1,
    });
  expect((await gate("pass")).effects).toEqual([{ step: 2, is: "would-write", to: "topic out" }]);
  expect((await gate("drop")).state).toBe("dropped");
  const blocked = await gate("block");
  expect(blocked.state).toBe("held");
  expect(blocked.effects).toMatchObject([{ step: 3, is: "would-hold", why: expect.stringContaining("disabled") }]);
});

test.each(kinds.filter(({ role, holds, inSaga }) => role === "sink" && !holds && inSaga !== "only"))(
  "$kind writes nothing, and says where it would have",
  async ({ kind, example }) => {
    const { key, headers = {}, body } = example.input ?? { body: { id: 1 } };
    const document = draw(
      [
        ["orders", "webhook-source", { path: "orders" }],
        ["written", kind, example.config as Record<string, unknown>],
      ],
      "orders>written",
    );
    const message = { ...(key === undefined ? {} : { key }), headers: Object.entries(headers), body };
    const trial = await tryOn(document, message);
    expect(trial.effects).toEqual([
      { step: 1, is: "would-write", to: expect.stringMatching(/^(topic|queue|exchange|stream|answer) \S/) },
    ]);
    expect(trial.outcome.expect.written).toHaveLength(1);
  },
);

test.each(kinds.filter(({ calls }) => calls))("$kind is answered by what is given", async ({ kind, example }) => {
  const document = draw([source, ["asked", kind, example.config as Record<string, unknown>]], "orders>asked");
  const trial = await tryOn(
    document,
    { key: "k", body: example.input?.body ?? { id: 1 } },
    { answers: { asked: [{ body: { a: 1 } }] } },
  );
  expect([trial.state, trial.effects.map(({ is }) => is)]).toEqual(["done", ["answered"]]);
});
