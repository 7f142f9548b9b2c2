import { expect, test } from "vitest";
import { behaviourOf } from "../../flow/behaviours";
import type { FlowDocument } from "../../flow/document";
import type { GivenAnswer, TestMessage } from "../../flow/test-case";
import { silent } from "../testing";
import type { TrialHouse } from "./open-trial";
import { tryMessage } from "./try-message";

type Drawn = [id: string, kind: string, config?: Record<string, unknown>, rest?: Partial<FlowDocument["nodes"][number]>];

function draw(nodes: readonly Drawn[], ...wires: readonly string[]): FlowDocument {
  return {
    format: "millrace/flow@1",
    name: "tried",
    nodes: nodes.map(([id, kind, config = {}, rest = {}]) => ({ id, kind, config, ...rest })),
    edges: wires.map((wire) => {
      const [from = "", to = ""] = wire.split(">");
      return { from, to };
    }),
  };
}

const house: TrialHouse = {
  environment: "default",
  log: silent,
  behaviourOf,
  connection: () => {
    throw new Error("Nothing is called.");
  },
};

const source: Drawn = ["orders", "kafka-source", { connection: "kafka", topic: "orders" }];
const sink = (id: string, topic: string, more = {}): Drawn => [
  id,
  "kafka-sink",
  { connection: "kafka", topic, ...more },
];

async function tryOn(
  document: FlowDocument,
  message: TestMessage,
  more: { answers?: Record<string, GivenAnswer[]>; now?: string } = {},
) {
  const { trial } = await tryMessage(house, { document, at: "orders", message, calls: "given", ...more });
  return trial;
}

const route = draw(
  [
    source,
    ["route", "switch", { cases: [{ port: "de", when: "body.country == 'DE'" }] }],
    ["total", "map", { set: { total: "body.price * body.quantity" } }],
    sink("german", "orders.de", { key: "body.id" }),
    ["others", "queue-sink", { connection: "queue", queue: "orders-other" }],
  ],
  "orders>route",
  "route.de>total",
  "total>german",
  "route.otherwise>others",
);

test("a message goes its way, and what would have been written is told", async () => {
  const trial = await tryOn(route, { key: "k", body: { id: "a-1", country: "DE", price: 2, quantity: 3 } });
  expect(trial.state).toBe("done");
  expect(trial.detail.steps.map(({ node, state }) => [node, state])).toEqual([
    ["orders", "done"],
    ["route", "done"],
    ["total", "done"],
    ["german", "done"],
  ]);
  expect(trial.effects).toEqual([{ step: 3, is: "would-write", to: "topic orders.de" }]);
  expect(trial.outcome).toEqual({
    expect: {
      german: [{ key: "a-1", body: { id: "a-1", country: "DE", price: 2, quantity: 3, total: 6 } }],
      others: [],
    },
  });
});
