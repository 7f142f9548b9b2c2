import { expect, it } from "vitest";
import { checkFlow } from "./check";
import { listConnections, listPlaces } from "./flow-places";
import { drawFlow } from "./testing/drawing";

const flow = drawFlow(
  [
    ["hook", "webhook-source", { path: "a" }],
    ["start", "saga-start", { key: "body.id" }],
    [
      "reserve",
      "saga-step",
      {
        action: { call: "topic", topic: "stock", connection: "north" },
        compensation: { call: "queue", queue: "undo", topic: "left-over" },
      },
    ],
    ["answers", "kafka-source", { topic: "answers" }],
    ["end", "saga-end"],
  ],
  "hook>start",
  "start>reserve",
  "answers>reserve.reply",
  "reserve>end",
);

it("a place lives on the connection of its own object; what is not shown is none", () => {
  expect(listPlaces(flow).map(({ field, connection, type, name }) => [field, connection, type, name])).toEqual([
    ["action.topic", "north", "topic", "stock"],
    ["compensation.queue", "queue", "queue", "undo"],
    ["topic", "kafka", "topic", "answers"],
  ]);
});

it("connections are found wherever they stand, with the kind that fits", () => {
  expect(listConnections(flow)).toEqual([
    { node: "reserve", field: "action.connection", connection: "north", kind: "kafka" },
    { node: "reserve", field: "compensation.connection", connection: "queue", kind: "queue" },
    { node: "answers", field: "connection", connection: "kafka", kind: "kafka" },
  ]);
});

it("check looks at each where it stands", () => {
  const connections = [
    { name: "kafka", kind: "kafka", missing: [] },
    { name: "queue", kind: "kafka", missing: [] },
    { name: "north", kind: "kafka", missing: [] },
  ];
  const topic = (name: string) => [{ name, type: "topic" as const }];
  const places = { north: topic("other"), kafka: topic("answers") };
  expect(checkFlow(flow, { connections, places }).map(({ code, node, field }) => [code, node, field])).toEqual(
    [
      ["topic-missing", "reserve", "action.topic"],
      ["connection-wrong-kind", "reserve", "compensation.connection"],
    ].reverse(),
  );
});
