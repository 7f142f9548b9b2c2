import { expect, it } from "vitest";
import { checkFlow, hasErrors } from "./check";
import { semanticsOf } from "./semantics";
import { type DrawnNode, drawFlow } from "./testing/drawing";

const kafka: DrawnNode = ["orders", "kafka-source", { topic: "orders" }];
const topic: DrawnNode = ["german", "kafka-sink", { topic: "orders.de" }];
const waits = { attempts: 8, backoff: "fixed" as const, delayMs: 6_000, maxDelayMs: 60_000 };

/** What keeps a drawing from exactly once: by node, in words. */
function obstaclesOf(nodes: readonly DrawnNode[], ...wires: string[]): [string | undefined, string][] {
  const flow = { ...drawFlow(nodes, ...wires), settings: { delivery: "exactly-once" as const } };
  return checkFlow(flow)
    .filter(({ code }) => code === "exactly-once-broken")
    .map(({ node, message }) => [node, message]);
}

it("waits in the lane where messages would be parked", () => {
  const flow = drawFlow([kafka, ["german", "kafka-sink", { topic: "orders.de" }, { retry: waits }]], "orders>german");
  expect(semanticsOf(flow).order).toBe("key");
  expect(semanticsOf({ ...flow, settings: { delivery: "exactly-once" } })).toMatchObject({
    delivery: "exactly-once",
    order: "partition",
  });
});

it("from Kafka to Kafka over steps that only compute, nothing stands in the way", () => {
  const steps: DrawnNode[] = [
    ["f", "filter", { when: "true" }],
    ["m", "map", { value: "body" }, { retry: waits }],
    ["s", "split", { items: "body" }],
    ["seen", "log"],
    ["dear", "switch", { cases: [{ port: "a", when: "true" }] }],
  ];
  const wires = ["orders>f", "f.pass>m", "f.rest>seen", "m>s", "s>dear", "dear.a>german", "dear.otherwise>german"];
  expect(obstaclesOf([kafka, ...steps, topic], ...wires)).toEqual([]);
});

it.each<[string, DrawnNode, RegExp]>([
  [
    "a webhook",
    ["hook", "webhook-source", { path: "a" }],
    /`hook` \(Webhook\) is no Kafka topic.*Read a topic instead/,
  ],
  ["a queue", ["work", "queue-source", { queue: "w" }], /`work` \(BullMQ queue\) is no Kafka topic/],
  ["a generator", ["made", "generate-source", { body: "n" }], /`made` \(Generator\) is no Kafka topic/],
  [
    "another cluster",
    ["far", "kafka-source", { topic: "t", connection: "cloud" }],
    /connection `cloud`.*reads from `kafka`/,
  ],
])("as a source: %s", (_, source, words) => {
  expect(obstaclesOf([kafka, source, topic], "orders>german", `${source[0]}>german`)).toEqual([
    [source[0], expect.stringMatching(words)],
  ]);
});

it.each<[string, DrawnNode, RegExp]>([
  ["a queue", ["jobs", "queue-sink", { queue: "j" }], /`jobs` \(BullMQ queue\).*let another flow read that/],
  [
    "a call",
    ["call", "http-request", { url: "/x" }],
    /`call` \(HTTP request\) does something outside.*flow of its own/,
  ],
  ["a call that may be repeated", ["call", "http-request", { url: "/x", method: "PUT" }], /outside of the transaction/],
  ["another cluster", ["far", "kafka-sink", { topic: "t", connection: "cloud" }], /a transaction spans one cluster/],
  ["a delay", ["later", "delay", { for: "1m" }], /`later` \(Delay\) holds what comes in outside of the.*another flow/],
  ["a saga", ["start", "saga-start"], /`start` \(Saga start\) holds what comes in outside/],
])("behind it: %s, also at an error port", (_, node, words) => {
  const expected = [[node[0], expect.stringMatching(words)]];
  expect(obstaclesOf([kafka, topic, node], "orders>german", `orders>${node[0]}`)).toEqual(expected);
  expect(obstaclesOf([kafka, topic, node], "orders>german", `german.error>${node[0]}`)).toEqual(expected);
});

it("keeps the flow from being deployed, offers the way out, and is silent where it is not asked for", () => {
  const flow = drawFlow([kafka, ["jobs", "queue-sink", { queue: "j" }]], "orders>jobs");
  const asked = { ...flow, settings: { delivery: "exactly-once" as const } };
  expect(hasErrors(checkFlow(asked))).toBe(true);
  expect(checkFlow(asked)[0]?.fix).toEqual({ do: "set-delivery", delivery: "at-least-once" });
  expect(checkFlow(flow)).toEqual([]);
  expect(checkFlow({ ...flow, settings: { delivery: "at-least-once" } })).toEqual([]);
});

it("says nothing of what no source leads to, or what is not configured", () => {
  const drawn: DrawnNode[] = [kafka, topic, ["jobs", "queue-sink", { queue: "j" }], ["call", "http-request"]];
  expect(obstaclesOf(drawn, "orders>german", "german.error>call")).toEqual([]);
});
