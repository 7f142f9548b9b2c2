import type { Hand, Incoming, Outgoing } from "./hand";

/** What the loops read of an order. */
export interface Order {
  readonly n: number;
  readonly country: string;
  readonly price: number;
  readonly quantity: number;
  readonly kind: string;
}

export const parse = (hand: Hand, { value }: Incoming) => JSON.parse(hand.text(value)) as Order;

/** The message as it came, for another topic. */
export const copyTo = (topic: string, { key, value, headers }: Incoming): Outgoing => ({ topic, key, value, headers });
