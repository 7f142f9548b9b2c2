import { describe, expect, it } from "vitest";
import { findKind } from "./catalog";
import type { FindKind } from "./configure";
import type { FlowDocument } from "./document";
import type { Kind, NodeSemantics } from "./kind";
import { pathsListed, type SemanticsOptions, semanticsOf } from "./semantics";
import { type DrawnNode, drawFlow } from "./testing/drawing";

const kafka: DrawnNode = ["orders", "kafka-source", { topic: "orders" }];
const hook: DrawnNode = ["hook", "webhook-source", { path: "a" }];
const work: DrawnNode = ["work", "queue-source", { queue: "work" }];
const topic = (config = {}): DrawnNode => ["german", "kafka-sink", { topic: "orders.de", ...config }];
const jobs = (config = {}): DrawnNode => ["jobs", "queue-sink", { queue: "jobs", ...config }];
const call = (config = {}): DrawnNode => ["call", "http-request", { url: "/x", ...config }];
/** It may wait a minute for its next try. */
const patient = ([id, kind, config]: DrawnNode): DrawnNode => [id, kind, config, { retry: waits }];
const waits = { attempts: 8, backoff: "exponential" as const, delayMs: 200, maxDelayMs: 60_000 };

/** The catalog, with what some kinds say of themselves replaced. */
function saying(changes: Record<string, Partial<NodeSemantics>>): FindKind {
  return (name) => {
    const kind = findKind(name);
    const change = changes[name];
    if (!kind || !change) return kind;
    return { ...kind, semantics: (config: never) => ({ ...kind.semantics(config), ...change }) } as Kind;
  };
}
/** A queue that knows each message again, by its place at the source. */
const knowing = (more = {}) => saying({ "queue-sink": { repeat: { deduplicatedBy: "the message's place", ...more } } });
const guarding = saying({ log: { guards: { by: "`body.id`", windowMs: 86_400_000 }, order: "keeps" } });

function pathsOf(flow: FlowDocument, options?: SemanticsOptions): Record<string, string> {
  return Object.fromEntries(
    semanticsOf(flow, options).paths.map(({ from, to, summary }) => [`${from}>${to}`, summary]),
  );
}
const textsOf = (flow: FlowDocument, options?: SemanticsOptions) =>
  semanticsOf(flow, options).weakenings.map(({ node, text }) => `${node}: ${text}`);

describe("one path", () => {
  it.each<[string, DrawnNode[], string[], string]>([
    ["Kafka to Kafka", [kafka, topic()], ["orders>german"], "At least once · ordered by partition"],
    [
      "a key of the sink's own",
      [kafka, topic({ key: "body.id" })],
      ["orders>german"],
      "At least once · ordered by key",
    ],
    [
      "the message's own key, named",
      [kafka, topic({ key: "key" })],
      ["orders>german"],
      "At least once · ordered by partition",
    ],
    [
      "steps that only compute",
      [
        kafka,
        ["f", "filter", { when: "true" }],
        ["s", "split", { items: "body" }],
        ["m", "map", { value: "body" }],
        ["l", "log"],
        topic(),
      ],
      ["orders>f", "f.pass>s", "s>m", "m>l", "l>german"],
      "At least once · ordered by partition",
    ],
    ["no sink at the end", [kafka, ["l", "log"]], ["orders>l"], "At least once · ordered by partition"],
    ["jobs", [kafka, jobs()], ["orders>jobs"], "At least once · ordered by partition"],
    ["jobs with a delay", [kafka, jobs({ delayMs: 5 })], ["orders>jobs"], "At least once · no order"],
    ["jobs with a priority", [kafka, jobs({ priority: 5 })], ["orders>jobs"], "At least once · no order"],
    ["calls by key", [kafka, call(), topic()], ["orders>call", "call>german"], "At least once · ordered by partition"],
    [
      "calls by lane",
      [kafka, call({ order: "lane" }), topic()],
      ["orders>call", "call>german"],
      "At least once · ordered by partition",
    ],
    [
      "calls as they come",
      [kafka, call({ order: "none" }), topic()],
      ["orders>call", "call>german"],
      "At least once · no order",
    ],
    ["calls by key at the end", [kafka, call()], ["orders>call"], "At least once · ordered by key"],
    [
      "one call at a time at the end",
      [kafka, call({ concurrency: 1 })],
      ["orders>call"],
      "At least once · ordered by partition",
    ],
    [
      "a service that may be told twice",
      [kafka, call({ method: "PUT", concurrency: 1 })],
      ["orders>call"],
      "Effectively once · ordered by partition",
    ],
    [
      "calls that may be parked",
      [kafka, patient(call()), topic()],
      ["orders>call", "call>german"],
      "At least once · ordered by key",
    ],
    ["a sink that may park", [kafka, patient(topic())], ["orders>german"], "At least once · ordered by key"],
    [
      "parked by the old key, written by a new one",
      [kafka, patient(topic({ key: "body.id" }))],
      ["orders>german"],
      "At least once · no order",
    ],
    [
      "a map has nothing that is tried again",
      [kafka, ["m", "map", { value: "body" }, { retry: waits }], topic()],
      ["orders>m", "m>german"],
      "At least once · ordered by partition",
    ],
    ["a webhook", [hook, topic()], ["hook>german"], "At least once · no order"],
    [
      "a queue, also one job at once",
      [["work", "queue-source", { queue: "work", concurrency: 1 }], topic()],
      ["work>german"],
      "At least once · no order",
    ],
    [
      "generated with a key",
      [["g", "generate-source", { body: "{'n': n}", key: "'k'" }], topic()],
      ["g>german"],
      "At least once · ordered by partition",
    ],
    [
      "generated without a key: spread",
      [["g", "generate-source", { body: "{'n': n}" }], topic()],
      ["g>german"],
      "At least once · no order",
    ],
    [
      "generated without a key, into a queue",
      [["g", "generate-source", { body: "{'n': n}" }], jobs()],
      ["g>jobs"],
      "At least once · in order",
    ],
  ])("%s", (_, nodes, wires, summary) => {
    const semantics = semanticsOf(drawFlow(nodes, ...wires));
    expect(semantics.paths.map((path) => path.summary)).toEqual([summary]);
    expect(semantics.summary).toBe(summary);
  });

  it("names who weakens it, and what would mend it", () => {
    const [path] = semanticsOf(drawFlow([kafka, call({ order: "none" }), topic()], "orders>call", "call>german")).paths;
    expect(path?.weakenings).toEqual([
      {
        node: "call",
        weakens: "order",
        text: expect.stringMatching(/^From `call` on there is no order: .*\.$/),
        mend: "Let it keep the order by key or by lane.",
        usual: false,
      },
      {
        node: "call",
        weakens: "delivery",
        text: "After a crash or a retry `call` may send the same message twice.",
        mend: expect.stringContaining("Idempotency-Key"),
        usual: true,
      },
      {
        node: "german",
        weakens: "delivery",
        text: "After a crash or a retry `german` may write the same message twice.",
        mend: "With *Message id* readers that look at `millrace-message-id` take each message once.",
        usual: true,
      },
    ]);
  });

  it("says where order by key begins and which key it is", () => {
    const flow = drawFlow([kafka, patient(topic())], "orders>german");
    expect(semanticsOf(flow).paths[0]).toMatchObject({ order: "key", orderedBy: "key" });
    expect(textsOf(flow)[0]).toContain("those without a key may be overtaken");
    expect(semanticsOf(drawFlow([kafka, topic({ key: "body.id" })], "orders>german")).paths[0]).toMatchObject({
      order: "key",
      orderedBy: "body.id",
    });
  });
});

it("says of messages without a key that they have no order behind a topic", () => {
  expect(textsOf(drawFlow([kafka, topic()], "orders>german"))[0]).toBe(
    "german: `german` spreads messages over partitions by their key; those without a key have no order.",
  );
});

describe("effectively once", () => {
  const flow = drawFlow([kafka, jobs(), topic()], "orders>jobs", "orders>german");

  it("is claimed by path, where the sink knows a message again", () => {
    const semantics = semanticsOf(flow, { find: knowing({ windowMs: 3_600_000 }) });
    expect(semantics.paths.map(({ to, summary }) => [to, summary])).toEqual([
      ["german", "At least once · ordered by partition"],
      ["jobs", "Effectively once for 1 h · ordered by partition"],
    ]);
    expect(semantics.summary).toBe("At least once · ordered by partition");
    expect(semantics.grounds).toEqual([
      { node: "jobs", text: "`jobs` takes the same message once: told apart by the message's place, for 1 h." },
    ]);
  });

  it("marks what keeps a flow from it only where the flow means to have it", () => {
    const usual = (options?: SemanticsOptions) =>
      semanticsOf(flow, options).weakenings.flatMap(({ weakens, usual }) => (weakens === "delivery" ? [usual] : []));
    expect(usual()).toEqual([true, true]);
    expect(usual({ find: knowing() })).toEqual([false]);
  });

  it("is lost to a step before the sink that is told twice", () => {
    const behind = drawFlow([kafka, call(), jobs()], "orders>call", "call>jobs");
    expect(pathsOf(behind, { find: knowing() })).toEqual({ "orders>jobs": "At least once · ordered by partition" });
  });

  it("the shortest window counts", () => {
    const find = saying({
      "queue-sink": { repeat: { deduplicatedBy: "its id", windowMs: 60_000 } },
      "http-request": { repeat: { deduplicatedBy: "`Idempotency-Key`", windowMs: 5_000 } },
    });
    const both = drawFlow([kafka, call({ order: "lane" }), jobs()], "orders>call", "call>jobs");
    expect(semanticsOf(both, { find }).summary).toBe("Effectively once for 5 s · ordered by partition");
  });

  it("needs an id of the content where a caller may send again", () => {
    const sent = drawFlow([hook, jobs()], "hook>jobs");
    expect(semanticsOf(sent, { find: knowing() }).delivery).toBe("at-least-once");
    expect(textsOf(sent, { find: knowing() })).toContainEqual(
      "jobs: `jobs` knows a message by its place at `hook`. A caller who gets no answer and sends again makes a new message.",
    );
    expect(semanticsOf(sent, { find: knowing({ byContent: true }) }).delivery).toBe("effectively-once");
  });

  it("a guard before a plain sink stays at least once, and says what is left", () => {
    const guarded = drawFlow([kafka, ["once", "log"], topic()], "orders>once", "once>german");
    const semantics = semanticsOf(guarded, { find: guarding });
    expect(semantics.summary).toBe("At least once · ordered by partition");
    expect(semantics.weakenings.filter(({ weakens }) => weakens === "delivery")).toMatchObject([
      {
        node: "german",
        usual: false,
        text: expect.stringContaining("the mark at `once` lets it write the same message twice"),
      },
    ]);
    expect(semantics.grounds).toEqual([
      { node: "once", text: "`once` lets a message pass once: recognised by `body.id`, for 1 day." },
    ]);
    // Not on every way: then it guards nothing.
    const passed = drawFlow([kafka, ["once", "log"], topic()], "orders>once", "once>german", "orders>german");
    expect(textsOf(passed, { find: guarding })).toContainEqual(expect.stringContaining("After a crash or a retry"));
  });
});

describe("exactly once", () => {
  const flow = (...nodes: DrawnNode[]) => ({
    ...drawFlow([kafka, ...nodes], ...nodes.map(([id]) => `orders>${id}`)),
    settings: { delivery: "exactly-once" as const },
  });

  it("is claimed where it is asked for and can be", () => {
    const semantics = semanticsOf(flow(topic()));
    expect(semantics).toMatchObject({
      delivery: "exactly-once",
      summary: "Exactly once · ordered by partition",
    });
    expect(semantics.weakenings.map(({ weakens }) => weakens)).toEqual(["order"]);
    expect(semantics.grounds[0]?.text).toContain("readers must read committed");
    expect(semanticsOf({ ...flow(topic()), settings: {} }).delivery).toBe("at-least-once");
  });

  it("is not claimed of any path when one node breaks it", () => {
    expect(pathsOf(flow(topic(), jobs()))).toEqual({
      "orders>german": "At least once · ordered by partition",
      "orders>jobs": "At least once · ordered by partition",
    });
  });

  it("says that copies of dead letters are outside", () => {
    const copied = flow(topic());
    const settings = { ...copied.settings, deadLetters: { connection: "kafka", to: "dead" } };
    expect(semanticsOf({ ...copied, settings }).grounds[0]?.text).toContain("their copies in `dead` may come twice");
  });
});

describe("at most once", () => {
  it("where a source loses what it has handed over", () => {
    const find = saying({
      "webhook-source": { source: { order: "none", delivery: "at-most-once", durability: "None." } },
    });
    const semantics = semanticsOf(drawFlow([hook, kafka, topic()], "hook>german", "orders>german"), { find });
    expect(semantics.summary).toBe("At most once · no order");
    expect(semantics.paths[0]).toMatchObject({ from: "hook", delivery: "at-most-once" });
    expect(semantics.paths[1]).toMatchObject({ from: "orders", delivery: "at-least-once", order: "partition" });
  });
});

describe("where messages rest", () => {
  const flow = drawFlow([kafka, jobs(), topic({ topic: "orders.${body.country}" })], "orders>jobs", "orders>german");

  it("in the words of the kinds, as long as nobody could be asked", () => {
    const { paths } = semanticsOf(flow);
    expect(paths.find(({ to }) => to === "jobs")?.hops).toEqual([
      { node: "orders", strength: "unknown", text: expect.stringContaining("retention") },
      { node: "jobs", strength: "unknown", text: expect.stringContaining("persistence") },
    ]);
  });

  it("what a worker found out weakens the path, and the node is named", () => {
    const facts = {
      kafka: { kind: "kafka", places: { topic: { orders: { replication: 3, retentionMs: 604_800_000 } } } },
      queue: { kind: "queue", server: { server: "redis", appendOnly: false } },
    } as const;
    const semantics = semanticsOf(flow, { facts });
    expect(semantics.weakenings.filter(({ weakens }) => weakens === "durability")).toEqual([
      {
        node: "jobs",
        weakens: "durability",
        text: "Redis writes no append-only file: when it is killed, jobs since its last snapshot are gone.",
        mend: "Set `appendonly yes` and `appendfsync always`.",
        usual: false,
      },
    ]);
    const rest = Object.fromEntries(
      semantics.paths.flatMap((path) => path.hops).map((hop) => [hop.node, hop.strength]),
    );
    expect(rest).toEqual({ orders: "safe", jobs: "weak", german: "unknown" });
    // What a claim is made of does not change with what the broker keeps.
    expect(semantics.summary).toBe(semanticsOf(flow).summary);
  });

  it("a source that passes over what is gone", () => {
    const skipping = drawFlow(
      [["orders", "kafka-source", { topic: "orders", onGap: "latest" }], topic()],
      "orders>german",
    );
    expect(textsOf(skipping)).toContainEqual(expect.stringContaining("orders: Messages that retention removed"));
  });
});

describe("many nodes", () => {
  it("each path stands for itself, the weakest way between two nodes counts", () => {
    const flow = drawFlow(
      [kafka, hook, ["f", "filter", { when: "true" }], call({ order: "none" }), topic(), jobs()],
      "orders>f",
      "f.pass>german",
      "f.rest>call",
      "call>german",
      "orders>jobs",
      "hook>jobs",
    );
    expect(pathsOf(flow)).toEqual({
      "orders>german": "At least once · no order",
      "orders>jobs": "At least once · ordered by partition",
      "hook>jobs": "At least once · no order",
    });
    expect(semanticsOf(flow).summary).toBe("At least once · no order");
  });

  it("what a sink gave up goes on with neither its key nor its repeats", () => {
    const flow = drawFlow([kafka, topic({ key: "body.id" }), jobs()], "orders>german", "german.error>jobs");
    expect(pathsOf(flow, { find: knowing() })).toEqual({
      "orders>german": "At least once · ordered by key",
      "orders>jobs": "Effectively once · ordered by partition",
    });
  });

  it("a quadrillion ways are one path, folded at once", () => {
    const rungs = Array.from({ length: 50 }, (_, n) => n);
    const nodes = rungs.flatMap((n): DrawnNode[] => [
      [`f${n}`, "filter", { when: "true" }],
      [`m${n}`, "map", { value: "body" }],
    ]);
    const wires = rungs.flatMap((n) => [
      `f${n}.pass>m${n}`,
      `f${n}.rest>m${n}`,
      `m${n}>${n === 49 ? "german" : `f${n + 1}`}`,
    ]);
    const flow = drawFlow([kafka, ...nodes, topic()], "orders>f0", ...wires);
    expect(pathsOf(flow)).toEqual({ "orders>german": "At least once · ordered by partition" });
  });

  it("lists the weakest of very many, and counts the rest", () => {
    const sources = Array.from({ length: 40 }, (_, n): DrawnNode => [`s${n}`, "kafka-source", { topic: `t${n}` }]);
    const sinks = Array.from({ length: 40 }, (_, n): DrawnNode => [`k${n}`, "kafka-sink", { topic: `o${n}` }]);
    const flow = drawFlow(
      [...sources, hook, ["m", "map", { value: "body" }], ...sinks],
      ...sources.map(([id]) => `${id}>m`),
      "hook>m",
      ...sinks.map(([id]) => `m>${id}`),
    );
    const semantics = semanticsOf(flow);
    expect(semantics.paths).toHaveLength(pathsListed);
    expect(semantics.morePaths).toBe(41 * 40 - pathsListed);
    expect(semantics.paths.slice(0, 40).every(({ from }) => from === "hook")).toBe(true);
    expect(semantics.summary).toBe("At least once · no order");
  });
});

describe("drawings that are not whole", () => {
  it("counts only what a source leads to, and passes over what is not configured", () => {
    const flow = drawFlow(
      [kafka, topic(), jobs(), work, ["x", "teleport"], ["f", "filter"]],
      "orders>german",
      "work>f",
    );
    expect(pathsOf(flow)).toEqual({
      "orders>german": "At least once · ordered by partition",
      "work>f": "At least once · no order",
    });
    expect(semanticsOf(drawFlow([topic()])).summary).toBe("No source yet");
    expect(semanticsOf(drawFlow([["orders", "kafka-source", {}], topic()])).summary).toBe(
      "No guarantee before its source is set up",
    );
    expect(semanticsOf(drawFlow([]))).toMatchObject({ order: "none", paths: [], weakenings: [] });
    expect(semanticsOf(drawFlow([kafka])).summary).toBe("At least once · ordered by partition");
  });

  it("leaves circles out", () => {
    const circle = drawFlow([kafka, ["a", "log"], ["b", "log"]], "orders>a", "a>b", "b>a");
    expect(semanticsOf(circle).paths).toEqual([]);
  });
});

describe("what is held on the way", () => {
  const hookOf = (id: string): DrawnNode => [id, "webhook-source", { path: id }];

  it("has no order when it leaves, and is safe meanwhile", () => {
    const flow = drawFlow([kafka, ["later", "delay", { for: "1h" }], topic()], "orders>later", "later>german");
    const { summary, paths, weakenings } = semanticsOf(flow);
    expect(summary).toBe("At least once · no order");
    expect(paths[0]?.hops).toContainEqual(expect.objectContaining({ node: "later", strength: "safe" }));
    expect(weakenings).toContainEqual(
      expect.objectContaining({
        node: "later",
        weakens: "order",
        usual: false,
        text: expect.stringContaining("its own time"),
      }),
    );
  });

  it("a wait: its event ends there, and leads to nothing behind it", () => {
    const flow = drawFlow(
      [kafka, hookOf("paid"), ["wait", "wait", { awaits: "key" }], topic()],
      "orders>wait",
      "paid>wait.event",
      "wait>german",
      "wait.timeout>german",
    );
    expect(pathsOf(flow)).toEqual({
      "orders>german": "At least once · no order",
      "paid>wait.event": "At least once · no order",
    });
  });

  it("a saga: no order, commands at least once with the same key, and no more is claimed of what leaves it", () => {
    const flow = drawFlow(
      [
        kafka,
        ["start", "saga-start"],
        ["pay", "saga-step", { action: { url: "/pay" } }],
        ["end", "saga-end"],
        topic(),
        jobs(),
      ],
      "orders>start",
      "start>pay",
      "pay>end",
      "end>german",
      "start.compensated>jobs",
    );
    expect(pathsOf(flow)).toEqual({
      "orders>german": "At least once · no order",
      "orders>jobs": "At least once · no order",
    });
    const found = semanticsOf(flow).weakenings;
    expect(found).toContainEqual(expect.objectContaining({ node: "start", weakens: "order", usual: true }));
    expect(found).toContainEqual(
      expect.objectContaining({ node: "pay", weakens: "delivery", mend: expect.stringContaining("same key") }),
    );
  });

  it("is never parked: whoever holds asks the store again", () => {
    const flow = drawFlow([kafka, patient(["later", "delay", { for: "1h" }]), topic()], "orders>later", "later>german");
    expect(textsOf(flow).filter((text) => text.includes("parked"))).toEqual([]);
  });
});
