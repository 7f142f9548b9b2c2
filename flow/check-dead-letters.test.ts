import { expect, it } from "vitest";
import { checkFlow } from "./check";
import { drawFlow } from "./testing/drawing";

const connections = [
  { name: "kafka", kind: "kafka", missing: [] },
  { name: "queue", kind: "queue", missing: [] },
  { name: "http", kind: "http", missing: [] },
];

const topics = (...names: string[]) => names.map((name) => ({ name, type: "topic" as const }));

function look(connection: string, to: string, places?: Record<string, "unreachable">) {
  const drawn = drawFlow(
    [
      ["in", "kafka-source", { connection: "kafka", topic: "orders" }],
      ["out", "log"],
    ],
    "in>out",
  );
  const flow = { ...drawn, settings: { deadLetters: { connection, to } } };
  return checkFlow(flow, {
    connections,
    places: { ...places, ...(places ? {} : { kafka: topics("orders", "orders.dead") }) },
  })
    .filter(({ field }) => field?.startsWith("settings.deadLetters."))
    .map(({ code, severity, field, fix }) => [code, severity, field?.split(".").at(-1), fix?.do]);
}

it("takes a topic that is there, and any queue", () => {
  expect(look("kafka", "orders.dead")).toEqual([]);
  expect(look("queue", "orders-dead")).toEqual([]);
});

it("names what is missing, with the way out", () => {
  expect(look("nowhere", "a")).toEqual([["connection-missing", "error", "connection", "open-connections"]]);
  expect(look("http", "a")).toEqual([["connection-wrong-kind", "error", "connection", "open-connections"]]);
  expect(look("kafka", "a")).toEqual([["topic-missing", "error", "to", "create-place"]]);
  expect(look("queue", "a b")).toEqual([["config-field-invalid", "error", "to", undefined]]);
  expect(look("kafka", "a", { kafka: "unreachable" })).toEqual([["broker-unreachable", "warning", "to", undefined]]);
});

it("refuses the place that the flow itself reads", () => {
  expect(look("kafka", "orders")).toEqual([["dead-letters-circle", "error", "to", undefined]]);
});
