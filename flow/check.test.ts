import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkFlow, hasErrors } from "./check";
import type { FlowDocument } from "./document";
import { listPlaces } from "./flow-places";
import { parseFlow } from "./parse";
import { type DrawnNode, drawFlow } from "./testing/drawing";

const source: DrawnNode = ["in", "kafka-source", { topic: "orders" }];
const sink: DrawnNode = ["out", "kafka-sink", { topic: "done" }];
const withStep = (kind: string, config: Record<string, unknown>, rest = {}) =>
  drawFlow([source, ["step", kind, config, rest], sink], "in>step", `step${kind === "filter" ? ".pass" : ""}>out`);

/** Problems as `code node.field`, warnings with a question mark. */
function look(flow: FlowDocument, options?: Parameters<typeof checkFlow>[1]): string[] {
  return checkFlow(flow, options).map(({ code, severity, node, field, edge }) => {
    const place = [node, field, edge].filter((part) => part !== undefined).join(" ");
    return `${code}${severity === "warning" ? "?" : ""}${place === "" ? "" : ` ${place}`}`;
  });
}

describe("a well drawn flow", () => {
  it("has no problems", () => expect(look(withStep("filter", { when: "body.a > 1" }))).toEqual([]));

  it.each(readdirSync("examples").filter((name) => name.endsWith(".flow.json")))("%s", (name) => {
    const { flow, problems } = parseFlow(readFileSync(`examples/${name}`, "utf8"));
    expect(problems).toEqual([]);
    expect(checkFlow(flow!)).toEqual([]);
  });
});

describe("wires", () => {
  it("empty, without a source, without input", () => {
    expect(look(drawFlow([]))).toEqual(["flow-empty"]);
    expect(look(drawFlow([sink]))).toEqual(["source-missing", "node-input-missing out"]);
    expect(look(drawFlow([source, sink]))).toEqual(["port-unwired? in", "node-input-missing out"]);
  });

  it("name nodes and ports that exist, once", () => {
    expect(look(drawFlow([source, sink], "in>out", "in>nobody"))).toEqual(["edge-node-unknown in>nobody"]);
    expect(look(drawFlow([source, sink], "in>out", "in.side>out"))).toEqual(["edge-port-unknown in in.side>out"]);
    expect(look(drawFlow([source, sink], "in>out", "out>in"))).toContain("edge-port-unknown in out>in");
    expect(look(drawFlow([source, sink], "in>out", "in.out>out.in"))).toEqual(["edge-duplicate in.out>out.in"]);
    const message = checkFlow(drawFlow([source, ["f", "filter", { when: "true" }], sink], "in>f", "f>out"))[0]?.message;
    expect(message).toMatch(/`f` has no output `out`\. It has `pass`, `rest` and `error`\./);
  });

  it("form no circle", () => {
    const flow = drawFlow(
      [source, ["a", "map", { value: "body" }], ["b", "map", { value: "body" }]],
      "in>a",
      "a>b",
      "b>a",
    );
    expect(look(flow)).toEqual(["edge-cycle b b>a"]);
    expect(checkFlow(flow)[0]?.message).toContain("a → b → a");
  });

  it("lead everywhere", () => {
    const lost: DrawnNode[] = [
      ["a", "map", { value: "body" }],
      ["b", "log"],
    ];
    expect(look(drawFlow([source, sink, ...lost], "in>out", "a>b"))).toEqual([
      "node-input-missing a",
      "node-unreachable? b",
    ]);
    expect(look(drawFlow([source, ["m", "map", { value: "body" }]], "in>m"))).toEqual(["port-unwired? m"]);
    const cases = { cases: [{ port: "de", when: "body.a == 1" }] };
    expect(look(drawFlow([source, ["s", "switch", cases], sink], "in>s", "s.de>out"))).toEqual(["port-unwired? s"]);
  });

  it("have ends with ids of their own", () => {
    expect(look(drawFlow([source, sink, sink], "in>out"))).toContain("node-id-duplicate out");
  });
});

describe("configuration", () => {
  it("unknown kinds and fields", () => {
    expect(look(drawFlow([source, ["x", "teleport"]], "in>x"))).toEqual(["node-kind-unknown x"]);
    expect(look(withStep("filter", { when: "true", colour: 1 }))).toEqual(["config-field-unknown step colour"]);
    expect(look(withStep("filter", {}))).toEqual(["config-field-missing step when"]);
    expect(look(withStep("filter", { when: "true" }, { version: 9 }))).toEqual(["node-version-newer step"]);
  });

  it("marks the place in each expression and template", () => {
    const flow = drawFlow(
      [
        source,
        [
          "s",
          "switch",
          {
            cases: [
              { port: "de", when: "county == 'DE'" },
              { port: "fr", when: "body." },
            ],
          },
        ],
        ["m", "map", { set: { total: "body.price * 'x'", "address.city": "1 +" } }],
        ["out", "kafka-sink", { topic: "orders.${body.country", key: "nobody" }],
        ["q", "queue-sink", { queue: "q", jobName: "${x}" }],
      ],
      "in>s",
      "s.de>m",
      "s.fr>out",
      "s.otherwise>q",
      "m>out",
    );
    expect(look(flow)).toEqual([
      "expression-unknown-name s cases.0.when",
      "expression-syntax s cases.1.when",
      "expression-type m set.total",
      "expression-syntax m set.address.city",
      "template-syntax out topic",
      "expression-unknown-name out key",
      "expression-unknown-name q jobName",
    ]);
    expect(checkFlow(flow)[0]?.range).toEqual({ from: 0, to: 6 });
  });

  it("knows the variables and the result that a field asks for", () => {
    const generator = (body: string) => drawFlow([["in", "generate-source", { body }], sink], "in>out");
    expect(look(generator("{'id': n, 'c': pick(['a'])}"))).toEqual([]);
    expect(look(generator("body.x"))).toEqual(["expression-unknown-name in body"]);
    expect(look(withStep("filter", { when: "'text'" }))).toEqual(["expression-type step when"]);
  });

  it("rules of the kind", () => {
    expect(look(withStep("map", { value: "1", set: { a: "2" } }))).toEqual(["config-field-invalid step value"]);
  });

  it("retry", () => {
    const retry = { attempts: 3, backoff: "fixed", delayMs: 5_000, maxDelayMs: 10 } as const;
    expect(look(withStep("filter", { when: "true" }, { retry }))).toEqual(["retry-invalid step retry.maxDelayMs"]);
    const many = { ...retry, attempts: 101, maxDelayMs: 5_000 };
    expect(look(withStep("filter", { when: "true" }, { retry: many }))).toEqual(["retry-invalid step retry.attempts"]);
  });

  it("webhooks have paths of their own", () => {
    const hook = (id: string, method: string): DrawnNode => [id, "webhook-source", { path: "orders", method }];
    const flow = (second: string) => drawFlow([hook("a", "POST"), hook("b", second), sink], "a>out", "b>out");
    expect(look(flow("PUT"))).toEqual([]);
    expect(look(flow("POST"))).toEqual(["path-duplicate b path"]);
  });
});

describe("connections and places", () => {
  const flow = drawFlow([source, sink], "in>out");
  const kafka = { name: "kafka", kind: "kafka", missing: [] };

  it("exist, are of the kind, and whole", () => {
    expect(look(flow, { connections: [kafka] })).toEqual([]);
    expect(look(flow, { connections: [] })).toEqual([
      "connection-missing in connection",
      "connection-missing out connection",
    ]);
    expect(look(flow, { connections: [{ ...kafka, kind: "queue" }] })).toContain("connection-wrong-kind in connection");
    const [problem] = checkFlow(flow, { connections: [{ ...kafka, missing: ["Sign-in needs a password."] }] });
    expect(problem).toMatchObject({
      code: "connection-incomplete",
      fix: { do: "open-connections", connection: "kafka" },
    });
    expect(problem?.message).toContain("needs a password");
  });

  it("topics that are missing can be created", () => {
    const places = { kafka: [{ name: "orders", type: "topic" as const }] };
    expect(look(flow, { places })).toEqual(["topic-missing out topic"]);
    expect(checkFlow(flow, { places })[0]?.fix).toEqual({
      do: "create-place",
      connection: "kafka",
      kind: "kafka",
      type: "topic",
      name: "done",
    });
    const unreachable = checkFlow(flow, { places: { kafka: "unreachable" } });
    expect(unreachable.map(({ code }) => code)).toEqual(["broker-unreachable", "broker-unreachable"]);
    expect(hasErrors(unreachable)).toBe(false);
  });

  it("lists what to ask the brokers about", () => {
    const holes: DrawnNode = ["out", "kafka-sink", { topic: "orders.${body.country}" }];
    expect(listPlaces(drawFlow([source, holes], "in>out"))).toEqual([
      { node: "in", field: "topic", connection: "kafka", kind: "kafka", type: "topic", name: "orders" },
    ]);
  });
});
