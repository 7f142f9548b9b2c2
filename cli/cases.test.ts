import { expect, it } from "vitest";
import type { CaseResult, CasesRun } from "../flow/trial";
import type { Client } from "./client";
import { writeJunit } from "./junit";
import { runCommand } from "./run-command";

const flow = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: [
    { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: "orders" } },
    { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: "out" } },
  ],
  edges: [{ from: "in", to: "out" }],
};
const tested = { ...flow, tests: [{ name: "one", at: "in", message: {}, expect: { out: [{}] } }] };

const good: CaseResult = { name: "one", passed: true, differences: [], tookMs: 12 };
const difference = { at: "out", node: "out", message: 0, field: "body.total", expected: "5", actual: "6" };
const bad: CaseResult = { name: 'two <&"\u0001', passed: false, differences: [difference], tookMs: 8 };
const gone: CaseResult = {
  name: "three",
  passed: false,
  differences: [],
  problem: { code: "test-source-unknown", message: "`x` is no source." },
  tookMs: 1,
};
const coverage = { nodes: ["in", "out"], ports: [] };

async function run(line: string[], trials: object, files: Record<string, string> = {}) {
  let out = "";
  let err = "";
  const all: Record<string, string> = { "orders.flow.json": JSON.stringify(tested), ...files };
  const code = await runCommand(line, {
    env: {},
    write: (text) => {
      out += text;
    },
    complain: (text) => {
      err += text;
    },
    readFile: async (path) => all[path] ?? "",
    fileExists: (path) => path in all,
    listFiles: async () => Object.keys(all),
    writeFile: async (path, text) => {
      all[path] = text;
    },
    now: () => 0,
    sleep: async () => {},
    client: { trials } as unknown as Client,
  });
  return { code, out, err, files: all };
}

const answering = (results: CaseResult[]) => ({
  runCases: { mutate: async (): Promise<CasesRun> => ({ results, coverage }) },
});

it("says which cases pass, and ends with 0", async () => {
  const { code, out, err } = await run(["test", "orders.flow.json"], answering([good]));
  expect([code, err]).toEqual([0, ""]);
  expect(out).toBe("ok      one (12 ms)\n\n1 case: 1 passed, 0 failed. They came by 2 of 2 nodes and 0 of 1 ports.\n");
});

it("says where cases differ, and ends with 1", async () => {
  const { code, out, err } = await run(["test", "orders.flow.json"], answering([good, bad, gone]));
  expect(code).toBe(1);
  expect(out).toContain("        out: `body.total` of message 1 is 6, expected 5");
  expect(out).toContain("        `x` is no source. (test-source-unknown)");
  expect(err).toBe("2 of 3 cases of orders failed.\n");
  expect((await run(["test", "orders.flow.json"], {}, { "orders.flow.json": JSON.stringify(flow) })).err).toContain(
    "orders has no cases.",
  );
});

it("asks for the cases that are named", async () => {
  let asked: unknown;
  const trials = {
    runCases: {
      mutate: async (input: unknown) => {
        asked = input;
        return { results: [good], coverage };
      },
    },
  };
  await run(["test", "orders.flow.json", "--case", "one", "--case", "two"], trials);
  expect(asked).toMatchObject({ names: ["one", "two"] });
});

it("writes JUnit XML escaped, whatever is in names and values", async () => {
  const { files } = await run(["test", "orders.flow.json", "--junit", "junit.xml"], answering([good, bad, gone]));
  expect(files["junit.xml"]).toBe(writeJunit("orders", [good, bad, gone]));
  expect(files["junit.xml"]).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="orders" tests="3" failures="1" errors="1" time="0.021">
  <testsuite name="orders" tests="3" failures="1" errors="1" time="0.021">
    <testcase name="one" classname="orders" time="0.012"/>
    <testcase name="two &lt;&amp;&quot;\ufffd" classname="orders" time="0.008">
      <failure message="At \`out\`: \`body.total\` of message 1 is 6, expected 5." type="difference">out: \`body.total\` of message 1 is 6, expected 5</failure>
    </testcase>
    <testcase name="three" classname="orders" time="0.001">
      <error message="\`x\` is no source." type="test-source-unknown">\`x\` is no source.</error>
    </testcase>
  </testsuite>
</testsuites>
`);
});

it("captures messages of a file as cases, and writes them into the flow file", async () => {
  const made = { name: "Order 1", at: "in", message: { body: { id: 1 } }, expect: { out: [{ body: { id: 1 } }] } };
  let asked: unknown;
  const trials = {
    capture: {
      mutate: async (input: unknown) => {
        asked = input;
        return { cases: [made], skipped: [{ what: "Order 2", words: "It was ended after 10 s." }] };
      },
    },
  };
  const line = ["capture", "orders.flow.json", "--messages", "messages.ndjson"];
  const { code, out, files } = await run(line, trials, {
    "messages.ndjson": '{"id":1}\n{"key":"2","body":{"id":2}}\n',
  });
  expect(code).toBe(0);
  expect(asked).toMatchObject({
    at: "in",
    calls: "make",
    from: { messages: [{ body: { id: 1 } }, { key: "2", body: { id: 2 } }] },
  });
  expect(JSON.parse(files["orders.flow.json"]!).tests).toEqual([...tested.tests, made]);
  expect(out).toContain("skipped  Order 2: It was ended after 10 s.");
});

it("takes no file of messages that has a mistake, and names its line", async () => {
  const line = ["capture", "orders.flow.json", "--messages", "m.ndjson"];
  const { code, err, files } = await run(line, {}, { "m.ndjson": '{"id":1}\n{"id":\n' });
  expect(code).toBe(1);
  expect(err).toContain("m.ndjson:2: The line is not JSON.");
  expect(JSON.parse(files["orders.flow.json"]!).tests).toHaveLength(1);
  expect((await run(["capture", "orders.flow.json"], {})).code).toBe(2);
});
