import type { RunDetail } from "../../flow/control";
import type { RunRecord } from "../../runtime/run-record";

/** So many runs are written, over so many days. */
export const runCount = Number(process.env.BENCH_RUNS ?? 1_000_000);
export const dayCount = 10;
export const customerCount = 10_000;
export const terminalCount = 2_000;
/** One run in so many ends as a dead letter. */
const deadEach = 20;
const dayMs = 86_400_000;

const errors: readonly ((n: number) => string)[] = [
  (n) => `The payment service answered 503: upstream timeout at terminal T-${terminalOf(n)}.`,
  (n) => `The body has no field "amount" (order ${n}).`,
  (n) => `Connection to tax-${n % 7}.example.org was refused.`,
  () => "No stock is left at any warehouse for this article.",
  (n) => `The answer of the carrier is no JSON: unexpected token at ${n % 300}.`,
];

/** The terminal that a run's error names, for those that name one. */
export const terminalOf = (n: number) =>
  String(Math.floor(n / deadEach / errors.length) % terminalCount).padStart(4, "0");
export const customerOf = (n: number) => `customer-${(n * 7_919) % customerCount}`;
export const orderOf = (n: number) => `order-${n}`;

/** Run `n` of all, of five steps, as a worker draws it: a Kafka message that is filtered, changed, sent to a service, and written. */
export function drawRun(n: number, flowId: string, flow: string, endsAt: number): RunRecord {
  const startedAt = Math.floor(endsAt - ((runCount - n) / runCount) * dayCount * dayMs);
  const dead = n % deadEach === 0;
  const error = dead ? errors[(n / deadEach) % errors.length]!(n) : null;
  const hex = n.toString(16).padStart(12, "0");
  return {
    id: `00000000-0000-4000-8000-${hex}`,
    startedAt,
    environment: "default",
    flowId,
    flow,
    version: 1,
    traceId: `${hex}${"5eed".repeat(5)}`,
    parentSpan: null,
    spanId: `${hex}5eed`,
    source: "orders",
    lane: `orders/${n % 4}`,
    position: String(n),
    key: customerOf(n),
    state: dead ? "dead" : "done",
    durationMs: 4 + (n % 90) / 10,
    attempts: dead ? 5 : 1,
    errorNode: dead ? "pay" : null,
    errorCode: dead ? "http-status" : null,
    error,
    detail: drawDetail(n, error),
    values: [
      ["order", orderOf(n)],
      ["terminal", `T-${n % terminalCount}`],
    ],
  };
}

function drawDetail(n: number, error: string | null): RunDetail {
  const body = {
    order: orderOf(n),
    customer: customerOf(n),
    amount: (n % 99_991) / 100,
    articles: [n % 977, n % 1_409],
  };
  const payload = (value: object) => ({
    key: customerOf(n),
    headers: [["content-type", "application/json"] as [string, string]],
    value: JSON.stringify(value),
    encoding: "text" as const,
    truncated: false,
  });
  const step = (node: string, at: number, input: number | null, out: RunDetail["steps"][number]["out"]) => ({
    node,
    startMs: at,
    durationMs: 0.4,
    attempt: 1,
    in: input,
    out,
    state: "done" as const,
  });
  const last = error
    ? { ...step("pay", 1, 1, []), state: "dead" as const, cause: { code: "http-status", message: error } }
    : step("pay", 1, 1, [{ port: "out", payload: 2 }]);
  return {
    steps: [
      step("orders", 0, null, [{ port: "out", payload: 0 }]),
      step("large", 0.2, 0, [{ port: "pass", payload: 0 }]),
      step("shape", 0.6, 0, [{ port: "out", payload: 1 }]),
      last,
      ...(error ? [] : [step("booked", 4, 2, [])]),
    ],
    payloads: [
      payload(body),
      payload({ ...body, gross: body.amount * 1.2 }),
      payload({ ...body, paid: true, reference: n * 31 }),
    ],
  };
}
