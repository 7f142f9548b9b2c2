import { formatSpan } from "./duration";

/** How often a message has its effect. */
export type DeliveryLevel = "at-most-once" | "at-least-once" | "effectively-once" | "exactly-once";
/** What order holds: of all that the source gives, of each partition, of each key by itself, or none. */
export type OrderScope = "lane" | "partition" | "key" | "none";

const levels: readonly DeliveryLevel[] = ["at-most-once", "at-least-once", "effectively-once", "exactly-once"];
const scopes: readonly OrderScope[] = ["none", "key", "partition", "lane"];
const deliveryWords: Record<DeliveryLevel, string> = {
  "at-least-once": "At least once",
  "effectively-once": "Effectively once",
  "exactly-once": "Exactly once",
  "at-most-once": "At most once",
};
const orderWords: Record<OrderScope, string> = {
  partition: "ordered by partition",
  lane: "in order",
  key: "ordered by key",
  none: "no order",
};

/** Below 0 when the first is weaker, above when it is stronger. */
export function compareDelivery(a: DeliveryLevel, b: DeliveryLevel): number {
  return levels.indexOf(a) - levels.indexOf(b);
}

/** Below 0 when the first is weaker, above when it is stronger. */
export function compareOrder(a: OrderScope, b: OrderScope): number {
  return scopes.indexOf(a) - scopes.indexOf(b);
}

/** `Effectively once for 1 h · ordered by key`; `windowMs`: as long as a message is known again. */
export function summarizeGuarantee(delivery: DeliveryLevel, order: OrderScope, windowMs?: number): string {
  const window = delivery === "effectively-once" && windowMs !== undefined ? ` for ${formatSpan(windowMs)}` : "";
  return `${deliveryWords[delivery]}${window} · ${orderWords[order]}`;
}
