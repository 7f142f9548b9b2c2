import { describe, expect, it, test } from "vitest";
import { canonicalFlow, formatFlow, parseFlow } from "./parse";

const whole = {
  format: "millrace/flow@1",
  name: "orders-by-country",
  title: "Orders by country",
  settings: { trace: { perSecond: 10 } },
  nodes: [
    { id: "orders", kind: "kafka-source", config: { topic: "orders", connection: "kafka" } },
    { id: "german", kind: "kafka-sink", config: { connection: "kafka", topic: "orders.de" }, retry: { attempts: 5 } },
  ],
  edges: [{ from: "orders", to: "german" }],
};

describe("a whole file", () => {
  it("is read from its text and from what JSON.parse made of it", () => {
    const fromText = parseFlow(JSON.stringify(whole));
    expect(fromText.problems).toEqual([]);
    expect(fromText.flow?.nodes[1]?.retry).toEqual({
      attempts: 5,
      backoff: "exponential",
      delayMs: 200,
      maxDelayMs: 30_000,
    });
    expect(parseFlow(whole)).toEqual(fromText);
    expect(parseFlow(`\ufeff${JSON.stringify(whole)}`)).toEqual(fromText);
  });

  it("is formatted for people, and the same whatever order its fields came in", () => {
    const { flow } = parseFlow(whole);
    const text = formatFlow(flow!);
    expect(text).toMatchInlineSnapshot(`
      "{
        "format": "millrace/flow@1",
        "name": "orders-by-country",
        "title": "Orders by country",
        "settings": { "trace": { "perSecond": 10 } },
        "nodes": [
          { "id": "orders", "kind": "kafka-source", "config": { "connection": "kafka", "topic": "orders" } },
          {
            "id": "german",
            "kind": "kafka-sink",
            "config": { "connection": "kafka", "topic": "orders.de" },
            "retry": { "attempts": 5, "backoff": "exponential", "delayMs": 200, "maxDelayMs": 30000 }
          }
        ],
        "edges": [{ "from": "orders", "to": "german" }]
      }
      "
    `);
    const shuffled = JSON.parse(JSON.stringify(whole), (_, value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    );
    expect(formatFlow(parseFlow(shuffled).flow!)).toBe(text);
    expect(parseFlow(text).flow).toEqual(canonicalFlow(flow!));
  });

  it("drops what says nothing", () => {
    const { flow } = parseFlow({
      ...whole,
      title: "",
      settings: {},
      notes: [],
      nodes: [{ ...whole.nodes[0], version: 1 }],
    });
    expect(Object.keys(canonicalFlow(flow!))).toEqual(["format", "name", "nodes", "edges"]);
    expect(canonicalFlow(flow!).nodes[0]).not.toHaveProperty("version");
  });
});

const change = (fields: object) => ({ ...whole, ...fields });
const node = (fields: object) => change({ nodes: [{ id: "a", kind: "log", config: {}, ...fields }] });

/** What is refused: code, path, and what the words must say. */
const refused: [what: string, source: unknown, code: string, field: string | undefined, says: RegExp][] = [
  ["not JSON", '{\n "a": 1,\n}', "file-not-json", undefined, /line 3/],
  ["nothing", "  ", "file-not-json", undefined, /empty/],
  ["a list", "[]", "file-format", undefined, /flow file/],
  ["no format", { name: "a" }, "file-format", "format", /without a `format`/],
  [
    "another version",
    change({ format: "millrace/flow@2" }),
    "file-format",
    "format",
    /millrace\/flow@2.*millrace\/flow@1/,
  ],
  ["an unknown field", change({ colour: "red" }), "file-field-unknown", "colour", /`colour` in the flow is unknown/],
  [
    "an unknown field of a node",
    node({ colour: "red" }),
    "file-field-unknown",
    "nodes.0.colour",
    /`colour` in node `a`/,
  ],
  [
    "an unknown field of a wire",
    change({ edges: [{ from: "a", to: "b", label: "x" }] }),
    "file-field-unknown",
    "edges.0.label",
    /label/,
  ],
  ["an unknown setting", change({ settings: { speed: 1 } }), "file-field-unknown", "settings.speed", /speed/],
  ["a bad id", node({ id: "A b" }), "file-field-invalid", "nodes.0.id", /ids match/],
  ["a missing kind", change({ nodes: [{ id: "a" }] }), "file-field-invalid", "nodes.0.kind", /is missing/],
  ["a wrong type", change({ nodes: "none" }), "file-field-invalid", "nodes", /must be a list/],
  ["a bad name", change({ name: "Orders!" }), "file-field-invalid", "name", /names match/],
  ["retry out of range", node({ retry: { attempts: 0 } }), "retry-invalid", "nodes.0.retry.attempts", /at least 1/],
  [
    "retry of another kind",
    node({ retry: { attempts: 2, backoff: "none" } }),
    "retry-invalid",
    "nodes.0.retry.backoff",
    /exponential.*fixed/,
  ],
  [
    "two nodes of one id",
    change({ nodes: [...whole.nodes, whole.nodes[0]] }),
    "node-id-duplicate",
    undefined,
    /`orders`/,
  ],
];

test.each(refused)("refuses %s", (_, source, code, field, says) => {
  const { flow, problems } = parseFlow(source);
  expect(flow).toBeUndefined();
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ code, severity: "error", ...(field === undefined ? {} : { field }) });
  expect(problems[0]?.message).toMatch(says);
});

it("names every mistake at once", () => {
  const { problems } = parseFlow(change({ colour: 1, size: 2, name: "" }));
  expect(problems.map((problem) => problem.field).sort()).toEqual(["colour", "name", "size"]);
});
