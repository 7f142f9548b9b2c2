import type { Broker } from "../case";
import { shapes } from "../shapes";
import { openProbe, type Servers } from "./probes";

export interface PaceOrder {
  readonly input: string;
  readonly output: string;
  /** Absent: Kafka, of whose topics these are the names. */
  readonly over?: Broker;
  readonly perSecond: number;
  /** Not counted: until everyone is warm. */
  readonly warmSeconds: number;
  readonly seconds: number;
  /** What stands in the output already is not read. */
  readonly fromEnd?: boolean;
}

/** Milliseconds from sending to reading. */
export interface Delays {
  readonly count: number;
  readonly missing: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const everyMs = 5;
const firstFetchMs = 2_000;
const patienceMs = 10_000;

/**
 * Sends at an even pace and reads what comes out at the other end with a plain consumer, in one process, so that one clock says
 * both times. The time stands in the message.
 */
export async function measureDelays(servers: Servers, order: PaceOrder): Promise<Delays> {
  const delays: number[] = [];
  let countedFrom = Number.POSITIVE_INFINITY;
  let [sent, read] = [0, 0];
  const probe = await openProbe(servers, order, (values) => {
    const at = now();
    for (const value of values) {
      read++;
      const sentAt = (JSON.parse(String(value)) as { at: number }).at;
      if (sentAt >= countedFrom) delays.push(at - sentAt);
    }
  });
  // Where the end is, is asked with the first fetch.
  if (order.fromEnd) await sleep(firstFetchMs);

  const start = now();
  countedFrom = start + order.warmSeconds * 1_000;
  const sends: Promise<unknown>[] = [];
  while (now() < countedFrom + order.seconds * 1_000) {
    const due = Math.floor(((now() - start) / 1_000) * order.perSecond);
    if (due > sent) {
      const messages = Array.from({ length: due - sent }, (_, index) => makeTimed(sent + index));
      sent = due;
      // Not waited for: the pace holds, however long an acknowledgement takes.
      sends.push(probe.send(messages));
    }
    await sleep(everyMs);
  }
  await Promise.all(sends);
  const until = now() + patienceMs;
  while (read < sent && now() < until) await sleep(20);
  await probe.close();
  delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? Number.NaN;
  return { count: delays.length, missing: Math.max(0, sent - read), p50: at(0.5), p99: at(0.99), max: at(1) };
}

function makeTimed(n: number) {
  const { key, value, headers } = shapes.orders!.message(n);
  return { key, headers, value: JSON.stringify({ at: now(), ...(JSON.parse(value) as object) }) };
}

/** Milliseconds since the epoch, with fractions. */
const now = () => performance.timeOrigin + performance.now();
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
