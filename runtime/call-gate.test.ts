import { describe, expect, test, vi } from "vitest";
import type { CallPolicy } from "../flow/kind";
import type { Message } from "../flow/message";
import { isFailure, rejected, retryDependency, retryMessage, type StepResult } from "../flow/verdict";
import { sleep } from "./backoff";
import { CallGate } from "./call-gate";
import { makeMessage } from "./testing";

const calm: CallPolicy = { concurrency: 8, order: "key", timeoutMs: 1_000 };
const signal = new AbortController().signal;
const emit = (message: Message): StepResult => ({ emit: [{ port: "out", message }] });
const keyed = (key: string, n: number, lane = "lane") =>
  makeMessage(n, String(n), lane).with({ key: new TextEncoder().encode(key) });

/** Sends all through, in their turns, each once. */
async function callAll(gate: CallGate, messages: readonly Message[]): Promise<(StepResult | null)[]> {
  const turns = messages.map((message) => gate.enter(message));
  return Promise.all(
    messages.map(async (message, index) => {
      await turns[index]!.before;
      const result = await gate.call(message, { signal, attempt: 1 });
      turns[index]!.end();
      return result;
    }),
  );
}

/** A service that notes who is being served. */
function openService(tookMs = 2) {
  const served: unknown[] = [];
  const running = new Map<string, number>();
  let now = 0;
  let most = 0;
  let mostOfOne = 0;
  const call = async (message: Message) => {
    const key = `${message.meta.lane} ${message.key ? new TextDecoder().decode(message.key) : "-"}`;
    running.set(key, (running.get(key) ?? 0) + 1);
    most = Math.max(most, ++now);
    mostOfOne = Math.max(mostOfOne, running.get(key)!);
    await sleep(tookMs);
    now--;
    running.set(key, running.get(key)! - 1);
    served.push(message.body);
    return emit(message);
  };
  return { call, served, most: () => most, mostOfOne: () => mostOfOne };
}

describe("how many at once, and in which order", () => {
  test("calls that are aborted while they wait for room leave no one waiting behind them", async () => {
    const stop = new AbortController();
    const call = async (message: Message, context: { signal: AbortSignal }) => {
      if (message.body === 50) return emit(message);
      await sleep(60_000, context.signal);
      return retryMessage("aborted", "It was aborted.");
    };
    const gate = new CallGate({ call }, { ...calm, concurrency: 2, timeoutMs: 60_000 });
    const aborted = Array.from({ length: 50 }, (_, n) =>
      gate.call(makeMessage(n), { signal: stop.signal, attempt: 1 }),
    );
    const other = gate.call(makeMessage(50), { signal, attempt: 1 });
    await sleep(5);
    stop.abort();
    // Those under way fail, the others were never begun.
    expect((await Promise.all(aborted)).every((result) => result === null || isFailure(result))).toBe(true);
    expect(await other).toMatchObject({ emit: [{ port: "out" }] });
  });

  test("those of one key one after another, others side by side up to the limit", async () => {
    const service = openService();
    const messages = Array.from({ length: 60 }, (_, n) => keyed(`k${n % 20}`, n));
    await callAll(new CallGate(service, { ...calm, concurrency: 6 }), messages);
    expect(service.most()).toBe(6);
    expect(service.mostOfOne()).toBe(1);
    for (let key = 0; key < 20; key++) {
      const ofKey = service.served.filter((n) => Number(n) % 20 === key);
      expect(ofKey).toEqual([key, key + 20, key + 40]);
    }
  });

  test("the limit holds over all lanes, the order of a key in its own", async () => {
    const service = openService();
    const gate = new CallGate(service, { ...calm, concurrency: 4 });
    const lanes = ["a", "b", "c"].map((lane) => Array.from({ length: 10 }, (_, n) => keyed("same", n, lane)));
    await Promise.all(lanes.map((messages) => callAll(gate, messages)));
    expect(service.most()).toBe(3);
    expect(service.mostOfOne()).toBe(1);
  });

  test("one lane one after another; without an order as many as may", async () => {
    const messages = Array.from({ length: 12 }, (_, n) => makeMessage(n, String(n)));
    const inLane = openService();
    await callAll(new CallGate(inLane, { ...calm, order: "lane" }), messages);
    expect(inLane.most()).toBe(1);
    expect(inLane.served).toEqual(messages.map(({ body }) => body));
    const free = openService();
    await callAll(new CallGate(free, { ...calm, order: "none" }), messages);
    expect(free.most()).toBe(8);
  });

  test("no more in a second than said", async () => {
    vi.useFakeTimers();
    const began: number[] = [];
    const call = async (message: Message) => {
      began.push(performance.now());
      return emit(message);
    };
    const messages = Array.from({ length: 11 }, (_, n) => makeMessage(n, String(n)));
    const all = callAll(new CallGate({ call }, { ...calm, order: "none", perSecond: 100 }), messages);
    await vi.advanceTimersByTimeAsync(1_000);
    await all;
    vi.useRealTimers();
    expect(began.map((at) => Math.round((at - began[0]!) / 10))).toEqual(messages.map((_, index) => index));
  });

  test("a call that never ends is given up", async () => {
    const gate = new CallGate({ call: () => new Promise(() => {}) }, { ...calm, timeoutMs: 5 });
    const result = await gate.call(makeMessage(1), { signal, attempt: 1 });
    expect(result).toMatchObject({ verdict: "retry", of: "dependency", cause: { code: "call-timeout" } });
  });

  test("what a call throws is a failure that does not quote the payload", async () => {
    const call = () => Promise.reject(new RangeError("secret"));
    const result = await new CallGate({ call }, calm).call(makeMessage(1), { signal, attempt: 1 });
    expect(result && isFailure(result) && result.cause.message).toBe("The node failed unexpectedly (RangeError).");
  });
});

describe("the circuit", () => {
  const policy: CallPolicy = { ...calm, concurrency: 1, breaker: { failures: 3, openMs: 30 } };
  const down = retryMessage("http-status", "The endpoint answered 500.");

  test("opens after failures in a row, spends no attempt meanwhile, and closes by one call that goes well", async () => {
    let calls = 0;
    let isDown = true;
    const call = async (message: Message) => {
      calls++;
      return isDown ? down : emit(message);
    };
    const gate = new CallGate({ call }, policy);
    const once = (n: number) => gate.call(makeMessage(n), { signal, attempt: 1 });
    expect(await once(0)).toMatchObject({ of: "message" });
    expect(await once(1)).toMatchObject({ of: "message" });
    const refusal = { verdict: "retry", of: "dependency", cause: { code: "circuit-open" } };
    expect(gate.nextCallAt).toBeUndefined();
    const openedAt = Date.now();
    expect(await once(2)).toMatchObject(refusal);
    expect(gate.circuit).toBe("open");
    expect(gate.nextCallAt).toBeGreaterThan(openedAt);
    expect(await once(3)).toMatchObject(refusal);
    expect(calls).toBe(3);
    await sleep(35);
    expect(await once(4)).toMatchObject(refusal);
    expect(calls).toBe(4);
    isDown = false;
    await sleep(35);
    expect(await once(5)).toMatchObject({ emit: [{ port: "out" }] });
    expect(gate.circuit).toBeUndefined();
  });

  test("one message that fails again and again opens none", async () => {
    const gate = new CallGate({ call: async () => down }, policy);
    for (let attempt = 1; attempt <= 20; attempt++) {
      expect(await gate.call(makeMessage(1), { signal, attempt })).toMatchObject({ of: "message" });
    }
    expect(gate.circuit).toBeUndefined();
  });

  test("a dependency that is away counts each time; a refused message never", async () => {
    const away = new CallGate({ call: async () => retryDependency("http-unreachable", "Away.") }, policy);
    for (let time = 0; time < 3; time++) await away.call(makeMessage(1), { signal, attempt: 1 });
    expect(away.circuit).toBe("open");
    const refusing = new CallGate({ call: async () => rejected("http-status", "The endpoint answered 404.") }, policy);
    for (let n = 0; n < 20; n++) await refusing.call(makeMessage(n), { signal, attempt: 1 });
    expect(refusing.circuit).toBeUndefined();
  });
});

test("a call whose lane ends before its turn is not begun", async () => {
  let calls = 0;
  const call = async (message: Message) => {
    calls++;
    await sleep(5);
    return emit(message);
  };
  const gate = new CallGate({ call }, { ...calm, concurrency: 1, order: "none" });
  let isWanted = true;
  const results = Promise.all([1, 2, 3].map((n) => gate.call(makeMessage(n), { signal, attempt: 1 }, () => isWanted)));
  await sleep(1);
  isWanted = false;
  expect((await results).map((result) => result !== null)).toEqual([true, false, false]);
  expect(calls).toBe(1);
});
