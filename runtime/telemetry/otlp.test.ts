import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sampleDeployment, workerMetrics } from "../../flow/metrics";
import type { RunRecord } from "../run-record";
import { silent } from "../testing";
import { toOtelName } from "./metrics";
import { openTelemetry, readTelemetryEnvironment } from "./otlp";
import { openCollector } from "./testing";

const document = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: [
    { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: "orders" } },
    { id: "call", kind: "http-request", title: "Ask", config: { connection: "shop", method: "POST", path: "/stock" } },
    { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: "known" } },
  ],
  edges: [
    { from: "in", to: "call" },
    { from: "call", to: "out" },
  ],
};
const step = { startMs: 1, durationMs: 2, attempt: 1, in: 0, out: [], state: "done" as const };
const run: RunRecord = {
  id: "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
  startedAt: 1_700_000_000_000,
  environment: "default",
  flowId: "flow-1",
  flow: "orders",
  version: 3,
  traceId: "0af7651916cd43dd8448eb211c80319c",
  parentSpan: "b7ad6b7169203331",
  spanId: "00f067aa0ba902b7",
  source: "in",
  lane: "orders/2",
  position: "4711",
  key: "order-1",
  state: "done",
  durationMs: 5,
  attempts: 2,
  errorNode: null,
  errorCode: null,
  error: null,
  detail: {
    steps: [
      { ...step, node: "in", in: null },
      { ...step, node: "call", state: "retry", cause: { code: "http-status", message: "503 for order-1" } },
      { ...step, node: "call", attempt: 2, note: { status: 200 } },
      { ...step, node: "out" },
    ],
    payloads: [],
  },
  values: [],
};
const worker = { id: "w1", environment: "default", host: "h", pid: 1, version: "0.1.0", label: null };

let collector: Awaited<ReturnType<typeof openCollector>>;
beforeEach(async () => {
  collector = await openCollector();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url);
  vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=secret");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await collector.close();
});

async function open(settings: object = {}, log = silent) {
  const stored: RunRecord[] = [];
  const store = { write: async (runs: readonly RunRecord[]) => void stored.push(...runs) };
  const environment = readTelemetryEnvironment({ ...process.env, OTEL_METRIC_EXPORT_INTERVAL: "100" });
  const telemetry = await openTelemetry(environment, worker, store, async () => ({ ...document, settings }), log);
  return { telemetry, stored };
}

test("a run is exported as a span for the whole and one for each try, in the trace that it belongs to", async () => {
  const { telemetry, stored } = await open();
  await telemetry.store.write([run]);
  await telemetry.close();
  expect(stored).toEqual([run]);
  expect(collector.headers[0]).toMatchObject({ "x-key": "secret" });
  const { traceId, spanId } = run;
  expect(collector.spans).toMatchObject([
    {
      traceId,
      spanId,
      parentSpanId: run.parentSpan,
      name: "process orders",
      kind: 5,
      attributes: {
        "messaging.system": "kafka",
        "messaging.destination.name": "orders",
        "messaging.destination.partition.id": "2",
        "messaging.kafka.offset": 4711,
        "messaging.kafka.message.key": "order-1",
        "millrace.flow.version": 3,
      },
    },
    { traceId, parentSpanId: spanId, name: "POST", kind: 3, attributes: { "error.type": "http-status" } },
    { name: "POST", kind: 3, attributes: { "http.response.status_code": 200, "millrace.step.attempt": 2 } },
    { name: "send known", kind: 4, attributes: { "messaging.operation.type": "send", "millrace.node": "out" } },
  ]);
});

test("of a flow that masks fields, neither keys nor words of errors leave", async () => {
  const { telemetry } = await open({ masked: [{ path: "body.iban", below: "admin" }] });
  await telemetry.store.write([run]);
  await telemetry.close();
  expect(collector.spans).not.toHaveLength(0);
  expect(JSON.stringify(collector.spans)).not.toContain("order-1");
});

test("a collector that refuses loses spans, counted and told once, and no run", async () => {
  const warn = vi.fn();
  const { telemetry, stored } = await open({}, { ...silent, warn });
  collector.refuse(true);
  await telemetry.store.write([run]);
  await expect.poll(() => telemetry.spansDropped(), { timeout: 5_000 }).toBe(4);
  collector.refuse(false);
  await telemetry.store.write([run]);
  await telemetry.close();
  expect(stored).toHaveLength(2);
  expect(collector.spans).toHaveLength(4);
  expect(warn).toHaveBeenCalledTimes(1);
});

test("metrics are exported under the names that Prometheus has them by, and as messaging's own counters", async () => {
  const node = { in: 7, ports: { out: 7 }, failed: 0, retried: 0, dead: 0, inFlight: 0, state: "running" };
  const live = { version: 3, state: "running", tracesDropped: 0, lanes: [], nodes: { in: node, out: node } };
  const { telemetry } = await open();
  const deployment = { flowId: "flow-1", live: () => live as never };
  telemetry.beginMetrics(
    () => sampleDeployment("orders", live as never),
    () => [deployment],
  );
  await expect.poll(() => [...collector.metrics], { timeout: 5_000 }).toContain("millrace.node.messages.received");
  await telemetry.close();
  expect([...collector.metrics]).toEqual(
    expect.arrayContaining(["messaging.client.consumed.messages", "messaging.client.sent.messages"]),
  );
  expect(toOtelName(workerMetrics.latency)).toEqual({ name: "millrace.node.latency", unit: "s" });
  expect(toOtelName(workerMetrics.received)).toEqual({ name: "millrace.node.messages.received", unit: "" });
});

describe("the environment", () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };

  test("switches each signal on and off", () => {
    expect(readTelemetryEnvironment({})).toMatchObject({ traces: false, metrics: false });
    expect(readTelemetryEnvironment(endpoint)).toMatchObject({ traces: true, metrics: true });
    expect(readTelemetryEnvironment({ ...endpoint, OTEL_METRICS_EXPORTER: "none" })).toMatchObject({ metrics: false });
    expect(readTelemetryEnvironment({ ...endpoint, OTEL_SDK_DISABLED: "true" })).toMatchObject({ traces: false });
  });

  test("names what it does not speak", () => {
    expect(() => readTelemetryEnvironment({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" })).toThrow(/port 4318/);
    expect(() => readTelemetryEnvironment({ OTEL_METRIC_EXPORT_INTERVAL: "soon" })).toThrow(/milliseconds/);
  });
});
