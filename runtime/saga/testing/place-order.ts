import { type FlowDocument, type FlowSettings, flowFormat } from "../../../flow/document";
import type { HeldStore } from "../../../flow/holding";
import type { Outsider } from "../../system/topics";
import type { Trouble } from "./services";

const steps = ["stock", "payment", "carrier"] as const;
/** Steps by HTTP: the carrier's own time is never over, as its answers wait while workers are killed. */
const hurried = ["stock", "payment"] as const;
export const httpTimeoutMs = 1_000;

export function topicsOf(name: string) {
  return {
    orders: `${name}.orders`,
    commands: `${name}.commands`,
    answers: `${name}.answers`,
    ended: `${name}.ended`,
  };
}

/** Reserve stock → charge → book a carrier; the first two by HTTP, the third by topic. */
export function makePlaceOrder(name: string, url: string, settings: FlowSettings = {}): FlowDocument {
  const topics = topicsOf(name);
  const side = (path: string, attempts: number) => ({
    call: "http",
    connection: "http",
    url: `${url}/${path}`,
    body: "{'order': key}",
    timeoutMs: httpTimeoutMs,
    attempts,
    delayMs: 200,
    maxDelayMs: 2_000,
  });
  const carrier = (attempts: number) => ({
    call: "topic",
    connection: "kafka",
    topic: topics.commands,
    body: "{'order': key}",
    timeoutMs: 180_000,
    attempts,
  });
  return {
    format: flowFormat,
    name,
    settings: { trace: { perSecond: 5 }, ...settings },
    nodes: [
      {
        id: "orders",
        kind: "kafka-source",
        config: { connection: "kafka", topic: topics.orders, start: "earliest" },
      },
      { id: "begin", kind: "saga-start", config: { key: "body.id" } },
      { id: "stock", kind: "saga-step", config: { action: side("stock", 4), compensation: side("stock/undo", 100) } },
      {
        id: "payment",
        kind: "saga-step",
        config: { action: side("payment", 4), compensation: side("payment/undo", 100), into: "payment" },
      },
      { id: "carrier", kind: "saga-step", config: { action: carrier(2), compensation: carrier(100) } },
      { id: "placed", kind: "saga-end", config: { event: "{'order': key}" } },
      {
        id: "answers",
        kind: "kafka-source",
        config: { connection: "kafka", topic: topics.answers, start: "earliest" },
      },
      { id: "ended", kind: "kafka-sink", config: { connection: "kafka", topic: topics.ended, key: "key" } },
    ],
    edges: [
      { from: "orders", to: "begin" },
      { from: "begin", to: "stock" },
      { from: "stock", to: "payment" },
      { from: "payment", to: "carrier" },
      { from: "carrier", to: "placed" },
      { from: "answers", to: "carrier.reply" },
      { from: "placed", to: "ended" },
      { from: "begin.compensated", to: "ended" },
    ],
  };
}

/** Of 20 orders two fail at some step, one is slower than its timeout, one is answered twice. */
export function troubleOf(order: string): Trouble {
  const number = Number(order.slice(order.lastIndexOf("-") + 1));
  const round = Math.floor(number / 20);
  switch (number % 20) {
    case 3:
      return { fails: steps[round % 3]! };
    case 8:
      return { fails: steps[(round + 1) % 3]! };
    case 11:
      return { slow: hurried[round % 2]! };
    case 17:
      return { twice: true };
    default:
      return {};
  }
}

export async function placeOrders(outsider: Outsider, topic: string, from: number, to: number): Promise<void> {
  const orders = Array.from({ length: to - from }, (_, index) => `o-${from + index}`);
  await outsider.send(
    topic,
    orders.map((id) => ({ key: id, value: JSON.stringify({ id, total: 7 }) })),
  );
}

/** How the sagas stand, by their keys. */
export async function readOutcomes(store: HeldStore): Promise<Map<string, string>> {
  const outcomes = new Map<string, string>();
  const search = { environment: "default", kind: "saga", limit: 1_000 } as const;
  let page = await store.list(search);
  for (;;) {
    for (const { key, status } of page.rows) outcomes.set(key, status);
    if (page.next === null) return outcomes;
    page = await store.list({ ...search, from: page.next });
  }
}

/** How many stand where, in words, for whoever waits for their end. */
export function tellOutcomes(outcomes: ReadonlyMap<string, string>): string {
  const counts = new Map<string, number>();
  for (const status of outcomes.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}

export function haveEnded(outcomes: ReadonlyMap<string, string>, total: number): boolean {
  return (
    outcomes.size === total &&
    [...outcomes.values()].every((status) => status === "completed" || status === "compensated")
  );
}

/** What each order was said to have come to, by the messages that left. */
export async function readSaid(outsider: Outsider, topic: string): Promise<Map<string, Set<string>>> {
  const said = new Map<string, Set<string>>();
  for (const { key, headers } of await outsider.readAll(topic)) {
    const outcomes = said.get(String(key)) ?? new Set();
    outcomes.add(String(headers["saga-outcome"]));
    said.set(String(key), outcomes);
  }
  return said;
}
