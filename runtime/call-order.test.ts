import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Message } from "../flow/message";
import { sleep } from "./backoff";
import { ContiguousLane } from "./contiguous-lane";
import { makeMessage, openDelivery, openPipeline } from "./testing";

const total = 6_400;
const keys = 1_000;
const callMs = 50;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Sends all through a call and a sink, on a clock that is set. Answers how long it took and in which order things happened. */
async function run(concurrency: number) {
  const calls = new Map<number, number[]>();
  const settled: number[] = [];
  const out: number[] = [];
  const pipeline = await openPipeline({
    in: { targets: { out: ["call"] } },
    call: {
      mode: "call",
      calls: { concurrency, order: "key" },
      step: async (message) => {
        const n = Number(message.body);
        calls.set(n % keys, [...(calls.get(n % keys) ?? []), n]);
        await sleep(callMs);
        return { emit: [{ port: "out", message }] };
      },
      targets: { out: ["sink"] },
    },
    sink: {
      sink: async (messages: readonly Message[]) => {
        for (const { body } of messages) out.push(Number(body));
        return messages.map(() => ({ verdict: "done" }));
      },
    },
  });
  const { delivery } = openDelivery();
  const lane = new ContiguousLane("lane", 1, {
    begin: (messages) => pipeline.begin("in", messages),
    window: () => pipeline.window(),
    transact: () => undefined,
    deliver: (flight) => delivery.deliver(flight),
    settle: (_lane, _epoch, position) => settled.push(Number(position)),
    release: () => {},
  });
  const startedAt = performance.now();
  const feed = async () => {
    for (let n = 0; n < total; n += 100) {
      const batch = Array.from({ length: 100 }, (_, index) => makeMessage(n + index, String(n + index)));
      await lane.deliver(
        batch.map((message) => message.with({ key: new TextEncoder().encode(`k${Number(message.body) % keys}`) })),
      );
    }
  };
  void feed();
  while (settled.at(-1) !== total - 1) await vi.advanceTimersByTimeAsync(10);
  return { tookMs: performance.now() - startedAt, calls, settled, out };
}

test("1,000 keys, a call of 50 ms, 64 at once: at least 50 times the serial rate, each key in order, positions without gaps", async () => {
  const { tookMs, calls, settled, out } = await run(64);
  expect((total * callMs) / tookMs).toBeGreaterThanOrEqual(50);
  for (const ofKey of calls.values()) expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
  expect(out).toEqual(Array.from({ length: total }, (_, n) => n));
  expect(settled).toEqual([...settled].sort((a, b) => a - b));
});
