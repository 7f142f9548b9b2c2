import { expect, it } from "vitest";
import { checkFlow } from "./check";
import { semanticsOf } from "./semantics";
import { type DrawnNode, drawFlow } from "./testing/drawing";

const each = (config = {}): DrawnNode => ["in", "kafka-source", { topic: "orders", distribution: "each", ...config }];
const out: DrawnNode = ["out", "kafka-sink", { topic: "done" }];

it("a worker that begins at the newest misses what came before: at most once, with the way out", () => {
  const { delivery, weakenings } = semanticsOf(drawFlow([each({ start: "latest" }), out], "in>out"));
  expect(delivery).toBe("at-most-once");
  expect(weakenings.filter(({ node }) => node === "in")).toMatchObject([
    { weakens: "delivery", text: expect.stringContaining("once in every worker"), usual: true },
    { weakens: "delivery", text: expect.stringContaining("never sees again"), mend: expect.any(String), usual: false },
  ]);
});

it("a worker that begins at the oldest works all of it again: at least once, and it is said", () => {
  const { delivery, weakenings } = semanticsOf(drawFlow([each(), out], "in>out"));
  expect(delivery).toBe("at-least-once");
  expect(weakenings.filter(({ node }) => node === "in")).toMatchObject([
    { text: expect.stringContaining("begins with the oldest"), usual: true },
  ]);
});

it("a flow that is to write each result once cannot be worked by each worker", () => {
  const flow = { ...drawFlow([each(), out], "in>out"), settings: { delivery: "exactly-once" as const } };
  expect(checkFlow(flow)).toMatchObject([{ code: "exactly-once-broken", node: "in" }]);
});

it("a broker that cannot says why, with a way out", () => {
  const jobs: DrawnNode = ["in", "queue-source", { queue: "jobs", distribution: "each" }];
  expect(checkFlow(drawFlow([jobs, ["out", "log"]], "in>out"))).toMatchObject([
    {
      code: "distribution-unsupported",
      severity: "error",
      node: "in",
      field: "distribution",
      fix: { value: "shared" },
    },
  ]);
});
