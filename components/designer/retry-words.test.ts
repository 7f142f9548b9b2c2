import { describe, expect, it } from "vitest";
import { defaultRetry, type Retry } from "@/flow/document";
import type { CallPolicy } from "@/flow/kind";
import { describeCalls, describeRetry } from "./retry-words";

const minutes: Retry = { attempts: 4, backoff: "fixed", delayMs: 60_000, maxDelayMs: 60_000 };

describe("what the retry settings mean", () => {
  it.each([
    [{ ...defaultRetry, attempts: 1 }, "Tried once, not again."],
    [
      { attempts: 3, backoff: "exponential", delayMs: 200, maxDelayMs: 30_000 },
      "3 tries within about 600 ms, in its lane: what comes behind it waits.",
    ],
    [
      minutes,
      "Tries again up to 3 times, 1 min apart: the message and later ones of its key are parked, the lane goes on.",
    ],
    [
      { attempts: 3, backoff: "exponential", delayMs: 10_000, maxDelayMs: 60_000 },
      "Tries again after 10.0 s and 20.0 s: the message and later ones of its key are parked, the lane goes on.",
    ],
    [
      { attempts: 9, backoff: "exponential", delayMs: 1_000, maxDelayMs: 60_000 },
      "Tries again after 1.00 s, 2.00 s and 4.00 s in its lane, then after 8.00 s, 16.0 s, 32.0 s …: the message and later ones of its key are parked, the lane goes on.",
    ],
    [
      { attempts: 2, backoff: "fixed", delayMs: 3_600_000, maxDelayMs: 5_000 },
      "2 tries within about 5.00 s, in its lane: what comes behind it waits.",
    ],
  ] as [Retry, string][])("%j", (retry, words) => {
    expect(describeRetry(retry)).toBe(words);
  });

  it("says that the lane waits where nothing is parked", () => {
    expect(describeRetry(minutes, { holds: true })).toBe(
      "4 tries, 1 min apart. Meanwhile its lane waits: a flow that delivers exactly once parks nothing.",
    );
    expect(describeRetry(defaultRetry, { holds: true })).toBe(describeRetry(defaultRetry));
  });
});

describe("how calls are held in check", () => {
  const policy: CallPolicy = { concurrency: 8, order: "key", timeoutMs: 10_000 };
  it.each([
    [
      { ...policy, breaker: { failures: 10, openMs: 5_000 } },
      "Up to 8 calls at once, those of one key one after another, by each worker; an answer is waited for 10.0 s. After 10 messages in a row that failed the circuit opens: all wait, and one call every 5.00 s asks whether the service is back.",
    ],
    [
      { ...policy, concurrency: 1, perSecond: 20 },
      "One call at a time, at most 20 in a second, by each worker; an answer is waited for 10.0 s. The circuit never opens.",
    ],
    [
      { ...policy, order: "none" },
      "Up to 8 calls at once, in no order, by each worker; an answer is waited for 10.0 s. The circuit never opens.",
    ],
  ] as [CallPolicy, string][])("%j", (calls, words) => {
    expect(describeCalls(calls)).toBe(words);
  });
});
