import { describe, expect, it, vi } from "vitest";
import { type BrokerRequest, makeAnswer } from "../../flow/request-reply";
import { makeMessage } from "../../flow/testing/node-context";
import { done, rejected } from "../../flow/verdict";
import { maxPending, PendingRequests } from "./pending-requests";

const never = new AbortController().signal;
const answer =
  (text = "{}") =>
  () =>
    makeAnswer(200, {}, Buffer.from(text));

function open() {
  const strays: string[] = [];
  const logged: unknown[] = [];
  const pending = new PendingRequests({
    name: "kafka",
    log: (_level, message, fields) => void logged.push([message, fields]),
  });
  const make = (id: string, timeoutMs = 1_000): BrokerRequest => ({
    to: "prices",
    message: makeMessage({}),
    id,
    timeoutMs,
    stray: (how) => void strays.push(`${id} ${how}`),
  });
  return { pending, make, strays, logged };
}

describe("a request", () => {
  it("ends with its answer, also one that comes before the broker has said that it has the request", async () => {
    const { pending, make } = open();
    const asked = pending.request(make("a"), never, async () => done);
    pending.settle("a", answer('{"price":3}'), true);
    expect(await asked).toMatchObject({ is: "answered", answer: { status: 200 } });
    expect(pending.size).toBe(0);
    let write: (verdict: typeof done) => void = () => {};
    const early = pending.request(make("b"), never, () => new Promise((resolve) => (write = resolve)));
    pending.settle("b", answer(), true);
    expect(await early).toMatchObject({ is: "answered" });
    write(done);
  });

  it("ends silent after its time, and is not waited for any more", async () => {
    const { pending, make } = open();
    expect(await pending.request(make("a", 20), never, async () => done)).toEqual({ is: "silent" });
    expect(pending.size).toBe(0);
  });

  it("ends as its sending does, when that fails or does not end in time", async () => {
    const { pending, make } = open();
    const failure = rejected("message-too-large", "too large");
    expect(await pending.request(make("a"), never, async () => failure)).toEqual(failure);
    const slow = (signal: AbortSignal) =>
      new Promise<typeof failure>((resolve) => signal.addEventListener("abort", () => resolve(failure)));
    expect(await pending.request(make("b", 20), never, slow)).toEqual(failure);
  });

  it("of one id may be under way twice: both have the answer", async () => {
    const { pending, make } = open();
    const both = [make("a"), make("a")].map((request) => pending.request(request, never, async () => done));
    pending.settle("a", answer(), true);
    expect(await Promise.all(both)).toMatchObject([{ is: "answered" }, { is: "answered" }]);
  });

  it("beyond the bound is refused with the reason, and nothing is sent", async () => {
    const { pending, make } = open();
    // A signal each: thousands of listeners on one are slow.
    const start = (_: unknown, n: number) =>
      pending.request(make(String(n), 60_000), new AbortController().signal, async () => done);
    const all = Array.from({ length: maxPending }, start);
    const send = vi.fn();
    expect(await pending.request(make("beyond"), never, send)).toMatchObject({
      verdict: "retry",
      of: "dependency",
      cause: { code: "requests-full", message: expect.stringContaining("kafka") },
    });
    expect(send).not.toHaveBeenCalled();
    for (let n = 0; n < maxPending; n++) pending.settle(String(n), answer(), true);
    await Promise.all(all);
    expect(pending.size).toBe(0);
  });
});

describe("an answer that nobody awaits", () => {
  it("is late after the time, repeated after another, and told to its request", async () => {
    const { pending, make, strays, logged } = open();
    await pending.request(make("a", 10), never, async () => done);
    expect(pending.settle("a", answer(), true)).toBe(false);
    const asked = pending.request(make("b"), never, async () => done);
    pending.settle("b", answer(), true);
    await asked;
    pending.settle("b", answer(), true);
    pending.settle("b", answer(), true);
    expect(strays).toEqual(["a late", "b repeated", "b repeated"]);
    expect(logged).toEqual([]);
  });

  it("to a request that is tried again is that one's answer", async () => {
    const { pending, make, strays } = open();
    await pending.request(make("a", 10), never, async () => done);
    const again = pending.request(make("a"), never, async () => done);
    pending.settle("a", answer(), true);
    expect(await again).toMatchObject({ is: "answered" });
    expect(strays).toEqual([]);
  });

  it("has an unknown id: another worker's on a shared place, else told of in the log, not each", () => {
    const { pending, logged } = open();
    expect(pending.settle("other", answer(), true)).toBe(false);
    expect(logged).toEqual([]);
    for (let n = 0; n < 5; n++) pending.settle("unknown", answer(), false);
    pending.settle(undefined, answer(), true);
    expect(logged).toEqual([[expect.stringContaining("nobody here has asked with"), { dropped: 1 }]]);
  });
});
