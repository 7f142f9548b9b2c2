import { expect, it } from "vitest";
import type { OpenSource } from "../behaviour";
import type { PulsarPort } from "../connections/pulsar-port";
import { semanticsOf } from "../semantics";
import { drawFlow } from "../testing/drawing";
import { makeSourceContext, RecordedHandlers } from "../testing/node-context";
import { pulsarSource } from "./pulsar-source";
import { pulsarSourceBehaviour } from "./pulsar-source.behaviour";

async function open(change: object) {
  const opened: OpenSource = { settle: () => {}, progress: async () => [], stop: async () => {} };
  let asked: Parameters<PulsarPort["consume"]>[0] | undefined;
  const pulsar: PulsarPort = {
    consume: async (options) => {
      asked = options;
      return opened;
    },
    produce: async () => [],
    request: () => Promise.reject(new Error("not asked here")),
  };
  const config = pulsarSource.config.parse({ topic: "orders", ...change });
  await pulsarSourceBehaviour.open(config, makeSourceContext({}, { pulsar }), new RecordedHandlers());
  return asked!;
}

it("consumes by a subscription of its own, or by the one that it names", async () => {
  expect(await open({})).toMatchObject({
    subscription: "millrace.default.orders.here",
    type: "failover",
    fallback: "earliest",
    prefetch: 1_000,
  });
  expect(await open({ subscription: "billing" })).toMatchObject({ subscription: "billing" });
});

it("gives each worker all: a subscription and lanes of its own, in order", async () => {
  const asked = await open({ type: "shared", maxRedeliver: 3, distribution: "each" });
  expect(asked).toMatchObject({ subscription: "millrace.default.orders.here@w-1", ownName: "@w-1", type: "failover" });
  expect(asked).not.toHaveProperty("deadLetter");
});

it("asks for Pulsar's dead letters only where messages are shared", async () => {
  expect(await open({ type: "shared", maxRedeliver: 3, deadLetterTopic: "dead" })).toMatchObject({
    deadLetter: { maxRedeliver: 3, topic: "dead" },
  });
  expect(await open({ maxRedeliver: 3 })).not.toHaveProperty("deadLetter");
  const check = (config: object) => pulsarSource.check!(pulsarSource.config.parse({ topic: "orders", ...config }));
  expect(check({ type: "shared", deadLetterTopic: "dead" })).toMatchObject([{ field: "maxRedeliver" }]);
  expect(check({ type: "shared", deadLetterTopic: "dead", maxRedeliver: 3 })).toEqual([]);
});

it("settles each message by itself where there is no order to keep", () => {
  const settles = pulsarSourceBehaviour.settles as (config: object) => string;
  const of = (type: string) => settles(pulsarSource.config.parse({ topic: "orders", type }));
  expect(["failover", "exclusive", "key_shared", "shared"].map(of)).toEqual([
    "contiguous",
    "contiguous",
    "contiguous",
    "individual",
  ]);
});

it("is opened anew when what it consumes changes, and not for where it began", () => {
  const identity = (change: object) =>
    pulsarSourceBehaviour.identity(pulsarSource.config.parse({ topic: "a", ...change }));
  const changes = [{}, { topic: "b" }, { connection: "c" }, { type: "shared" }, { codec: "text" }, { prefetch: 5 }];
  expect(new Set(changes.map(identity)).size).toBe(changes.length);
  expect(identity({ start: "latest" })).toBe(identity({}));
});

it("says in the flow's guarantee what the WebSocket API cannot do, and that its messages may be answered", () => {
  const flow = drawFlow(
    [
      ["in", "pulsar-source", { topic: "orders" }],
      ["out", "log", {}],
    ],
    "in>out",
  );
  const { delivery, weakenings } = semanticsOf(flow);
  expect(delivery).toBe("at-least-once");
  const told = weakenings.find(({ node, text }) => node === "in" && text.includes("WebSocket API"));
  expect(told).toMatchObject({ weakens: "delivery", usual: true });
  expect(told?.text).toMatch(/each message by itself.*no transactions/);
  const { source } = pulsarSource.semantics(pulsarSource.config.parse({ topic: "orders" }));
  expect(source?.replies).toBe("address");
});
