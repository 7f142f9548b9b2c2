import { expect, it, test } from "vitest";
import { continueTrace, formatTraceparent, parseTraceparent, startTrace } from "./trace-context";

const valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

it("reads and writes a traceparent", () => {
  const context = parseTraceparent(valid);
  expect(context).toEqual({ traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7", sampled: true });
  expect(formatTraceparent(context!)).toBe(valid);
  expect(parseTraceparent(valid.replace(/01$/, "00"))?.sampled).toBe(false);
  // A newer version may have more behind.
  expect(parseTraceparent(`01${valid.slice(2)}-more`)?.traceId).toBe(context?.traceId);
});

test.each([
  "",
  "nonsense",
  valid.toUpperCase(),
  `ff${valid.slice(2)}`,
  `${valid}-more`,
  "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
  "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
])("refuses %j", (text) => expect(parseTraceparent(text)).toBeUndefined());

it("begins traces and continues them with new spans", () => {
  const ids = new Set<string>();
  for (let index = 0; index < 600; index++) {
    const trace = startTrace();
    expect(parseTraceparent(formatTraceparent(trace))).toEqual(trace);
    const next = continueTrace(trace);
    expect(next.traceId).toBe(trace.traceId);
    ids.add(trace.traceId).add(trace.spanId).add(next.spanId);
  }
  expect(ids.size).toBe(1_800);
});
