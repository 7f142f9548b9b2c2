import type { SeenRecord } from "../system/topics";
import type { Arrived, Wanted } from "./books";

/** Numbered messages of few keys: what flows are fed with here, and how they are known again. */

const keys = 40;

/** Few keys, so that each has many messages to keep in order. A multiple of the partitions, so that a key stays in its partition. */
export const keyOf = (n: number) => `k${n % keys}`;
/** The same as a CEL expression over the body. */
export const keyExpression = `'k' + string(body.n % ${keys})`;

export const makeBody = (n: number) => ({ n, pad: "x".repeat(100) });

export const makeRecord = (n: number, body: object = makeBody(n)) => ({ key: keyOf(n), value: JSON.stringify(body) });

/** Numbers, each with how often it was sent, in the order in which they were. */
export type Sent = readonly (readonly [n: number, times: number])[];

export const sentOnce = (total: number): Sent => Array.from({ length: total }, (_, n) => [n, 1] as const);

/** How often each number stands in a topic: a feeder repeats, too, when the broker dies before it answers. */
export function countSent(records: readonly SeenRecord[]): Sent {
  const times = new Map<number, number>();
  for (const { value } of records) {
    const { n } = JSON.parse(String(value)) as { n: number };
    times.set(n, (times.get(n) ?? 0) + 1);
  }
  return [...times].sort(([a], [b]) => a - b);
}

export function wantNumbers(sent: Sent): Wanted[] {
  return sent.map(([n, atMost]) => ({ id: String(n), key: keyOf(n), atMost }));
}

/** `readId` tells which message a body is, or that it is changed. */
export function readArrived(
  records: readonly SeenRecord[],
  readId: (body: never) => string = ({ n }: { n: number }) => String(n),
): Arrived[] {
  return records.map(({ key, value, partition }) => ({
    id: readId(JSON.parse(String(value)) as never),
    key: String(key),
    lane: String(partition),
  }));
}
