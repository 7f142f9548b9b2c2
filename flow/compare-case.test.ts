import { describe, expect, it } from "vitest";
import { explainCase } from "./case-words";
import { compareCase } from "./compare-case";
import type { TestCase, TestMessage } from "./test-case";
import { readTestMessage } from "./test-message";
import { drawFlow } from "./testing/drawing";

const flow = drawFlow(
  [
    ["in", "kafka-source", { connection: "kafka", topic: "in" }],
    ["make", "map", { set: { x: "1" } }],
    ["out", "kafka-sink", { connection: "kafka", topic: "out" }],
  ],
  "in>make",
  "make>out",
);

function compare(
  expected: Partial<TestCase>,
  arrived: Record<string, TestMessage[]>,
  failures: { node: string; code: string; isTaken: boolean }[] = [],
) {
  const testCase: TestCase = { name: "a", at: "in", message: {}, expect: {}, ...expected };
  const seen = new Map(Object.entries(arrived).map(([at, messages]) => [at, messages.map(readTestMessage)]));
  return compareCase(flow, testCase, { arrived: seen, failures });
}

const fields = (expected: TestMessage, actual: TestMessage) =>
  compare({ expect: { out: [expected] } }, { out: [actual] }).map(({ field, expected, actual }) => [
    field,
    expected,
    actual,
  ]);

describe("one message", () => {
  it("is compared field by field, whatever the order and the spaces of its JSON", () => {
    expect(fields({ body: { a: 1, b: [1, { c: "x" }] } }, { text: '{ "b": [1, {"c": "x"}], "a": 1.0 }' })).toEqual([]);
    expect(fields({ body: { a: 1, b: [1, 2] } }, { body: { a: 2, b: [1], d: null, "e-f": 0 } })).toEqual([
      ["body.a", "1", "2"],
      ["body.b[1]", "2", null],
      ["body.d", null, "null"],
      ['body["e-f"]', null, "0"],
    ]);
  });

  it("keeps the digits of integers beyond 2^53", () => {
    const text = (id: string) => ({ text: `{"id":${id}}` });
    expect(fields(text("12345678901234567891"), text("12345678901234567891"))).toEqual([]);
    expect(fields(text("12345678901234567891"), text("12345678901234567892"))).toEqual([
      ["body.id", "12345678901234567891", "12345678901234567892"],
    ]);
  });

  it("is compared as text, or as bytes, where it is no JSON; a tombstone is none", () => {
    expect(fields({ text: "hello" }, { text: "hello" })).toEqual([]);
    expect(fields({ text: "hello" }, { text: "hallo" })).toEqual([["body", '"hello"', '"hallo"']]);
    expect(fields({ base64: "/w==" }, { base64: "/w==" })).toEqual([]);
    expect(fields({ body: null }, {})).toEqual([]);
    expect(fields({ body: null }, { body: { a: 1 } })).toEqual([["body", "null", '{"a":1}']]);
  });

  it("leaves open what the expectation does not say", () => {
    const actual: TestMessage = {
      key: "k",
      headers: [
        ["x", "1"],
        ["y", "2"],
      ],
      body: { a: 1 },
    };
    expect(fields({}, actual)).toEqual([]);
    expect(fields({ headers: [["y", "2"]] }, actual)).toEqual([]);
    expect(
      fields(
        {
          key: null,
          headers: [
            ["y", "3"],
            ["z", "0"],
          ],
        },
        actual,
      ),
    ).toEqual([
      ["key", "null", '"k"'],
      ["headers.y", '"3"', '"2"'],
      ["headers.z", '"0"', null],
    ]);
  });
});

describe("several messages", () => {
  const keyed = (key: string, n: number): TestMessage => ({ key, body: { n } });
  const differences = (expected: TestMessage[], actual: TestMessage[]) =>
    compare({ expect: { out: expected } }, { out: actual }).map(({ message, field }) => `${message} ${field}`);

  it("come in any order, but for those of one key", () => {
    expect(differences([keyed("a", 1), keyed("b", 1)], [keyed("b", 1), keyed("a", 1)])).toEqual([]);
    expect(differences([keyed("a", 1), keyed("a", 2)], [keyed("a", 2), keyed("a", 1)])).toEqual([
      "0 body.n",
      "1 body.n",
    ]);
    expect(differences([{ body: 1 }, { body: 2 }], [{ body: 2 }, { body: 1 }])).toEqual([]);
  });

  it("may be missing, or one too many", () => {
    expect(differences([keyed("a", 1), keyed("b", 1)], [keyed("b", 1)])).toEqual(["0 message"]);
    expect(differences([], [keyed("b", 1)])).toEqual(["0 message"]);
    expect(differences([keyed("a", 1)], [keyed("b", 1)])).toEqual(["0 key"]);
  });

  it("of an endpoint that is not listed are not compared", () => {
    expect(compare({ expect: {} }, { out: [{ body: 1 }] })).toEqual([]);
  });
});

describe("failures", () => {
  const failure = (node: string, code: string, isTaken = false) => ({ node, code, isTaken });
  it("are expected, or are differences of their own, in the order of the flow", () => {
    expect(compare({ fails: [{ node: "make", code: "a" }] }, {}, [failure("make", "a")])).toEqual([]);
    const differences = compare({ expect: { out: [{}] } }, {}, [failure("make", "a")]);
    expect(differences.map(({ node, field }) => `${node} ${field}`)).toEqual(["make failure", "out message"]);
    const words = explainCase({ name: "a", passed: false, differences, tookMs: 1 });
    expect(words).toBe('At `make`: failed with "a", expected no failure (1 more).');
  });

  it("that a wire takes on need not be expected, but may be", () => {
    expect(compare({}, {}, [failure("make", "a", true)])).toEqual([]);
    expect(compare({ fails: [{ node: "make", code: "a" }] }, {}, [failure("make", "a", true)])).toEqual([]);
  });

  it("with another code are one difference", () => {
    expect(compare({ fails: [{ node: "make", code: "a" }] }, {}, [failure("make", "b")])).toEqual([
      { at: "make", node: "make", message: 0, field: "failure", expected: '"a"', actual: '"b"' },
    ]);
  });
});
