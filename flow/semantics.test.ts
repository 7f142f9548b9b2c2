import { describe, expect, it } from "vitest";
import { findKind } from "./catalog";
import type { Kind } from "./kind";
import { semanticsOf } from "./semantics";
import { type DrawnNode, drawFlow } from "./testing/drawing";

const kafka: DrawnNode = ["orders", "kafka-source", { topic: "orders" }];
const topic: DrawnNode = ["german", "kafka-sink", { topic: "orders.de" }];
const jobs = (config = {}): DrawnNode => ["jobs", "queue-sink", { queue: "jobs", ...config }];

describe("semantics", () => {
  it("Kafka to Kafka: at least once, ordered by partition, and what mends it", () => {
    const semantics = semanticsOf(
      drawFlow([kafka, ["f", "filter", { when: "true" }], topic], "orders>f", "f.pass>german"),
    );
    expect(semantics).toMatchObject({
      delivery: "at-least-once",
      order: "partition",
      summary: "At least once · ordered by partition",
    });
    expect(semantics.reasons[0]).toEqual({
      node: "german",
      text: "After a crash or a retry `german` may write the same message twice. With *Message id* readers that look at `millrace-message-id` take each message once.",
    });
  });

  it("effectively once where every sink tells a message apart", () => {
    const sink = findKind("queue-sink")!;
    const knowing: Kind = { ...sink, semantics: () => ({ repeat: { deduplicatedBy: "the message's id" } }) };
    const find = (name: string) => (name === "queue-sink" ? knowing : findKind(name));
    const once = semanticsOf(drawFlow([kafka, jobs()], "orders>jobs"), find);
    expect(once.summary).toBe("Effectively once · ordered by partition");
    expect(once.reasons).toContainEqual({ node: "jobs", text: expect.stringContaining("by the message's id") });
    expect(semanticsOf(drawFlow([kafka, jobs(), topic], "orders>jobs", "orders>german"), find).delivery).toBe(
      "at-least-once",
    );
  });

  it("at most once where a source loses what it has handed over", () => {
    const source = findKind("webhook-source")!;
    const lossy: Kind = {
      ...source,
      semantics: () => ({ source: { order: "none", delivery: "at-most-once", durability: "None." } }),
    };
    const find = (name: string) => (name === "webhook-source" ? lossy : findKind(name));
    const flow = drawFlow([["hook", "webhook-source", { path: "a" }], topic], "hook>german");
    expect(semanticsOf(flow, find).summary).toBe("At most once · no order");
  });

  it("names the node from which on there is no order", () => {
    const call: DrawnNode = ["call", "http-request", { url: "/x", concurrency: 4, order: "none" }];
    const semantics = semanticsOf(drawFlow([kafka, call, topic], "orders>call", "call>german"));
    expect(semantics.summary).toBe("At least once · no order");
    expect(semantics.reasons).toContainEqual({
      node: "call",
      text: expect.stringContaining("From `call` on there is no order"),
    });
    const alone = semanticsOf(
      drawFlow([kafka, ["call", "http-request", { url: "/x", concurrency: 1 }]], "orders>call"),
    );
    expect(alone.order).toBe("partition");
  });

  it("the weakest source decides, and is named", () => {
    const flow = drawFlow([kafka, ["hook", "webhook-source", { path: "a" }], topic], "orders>german", "hook>german");
    expect(semanticsOf(flow).order).toBe("none");
    expect(semanticsOf(flow).reasons).toContainEqual({
      node: "hook",
      text: expect.stringContaining("without an order"),
    });
  });

  it("counts only what a source leads to, and skips what is not configured", () => {
    const flow = drawFlow([kafka, topic, jobs(), ["x", "teleport"], ["f", "filter"]], "orders>german");
    expect(semanticsOf(flow).reasons.map((reason) => reason.node)).not.toContain("jobs");
    expect(semanticsOf(drawFlow([topic])).summary).toBe("No source yet");
    expect(semanticsOf(drawFlow([["orders", "kafka-source", {}], topic])).summary).toBe(
      "Guarantee: once it is configured",
    );
    expect(semanticsOf(drawFlow([])).order).toBe("none");
  });
});
