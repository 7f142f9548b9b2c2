import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Message } from "../flow/message";
import { done, rejected, retryDependency, retryMessage, type StepResult, type Verdict } from "../flow/verdict";
import { sleep } from "./backoff";
import { Delivery } from "./delivery";
import { SourceHost } from "./source-host";
import { makeHostOptions, makeMessage, openPipeline, openTestSource, silent, type TestNode } from "./testing";

/**
 * Random flows with random verdicts, on a clock that is set: lanes are taken away and given back, versions take over and the source
 * stops at any moment. What is settled is safe at every sink that it leads to, in the order that is promised where lanes settle up to a position.
 */
const total = 120;
const keys = 7;
const window = 2_000;

interface StepShape {
  readonly mode: "sync" | "async" | "call";
  readonly does: "pass" | "filter" | "split";
  readonly order: "key" | "lane";
}

interface Shape {
  readonly settles: "contiguous" | "individual";
  readonly steps: readonly StepShape[];
  readonly sinks: number;
  /** How many flights may be on their way where nothing is called. */
  readonly flights: number;
  readonly seed: number;
  /** Moments, in milliseconds, and what happens then. */
  readonly events: readonly { readonly afterMs: number; readonly what: "revoke" | "swap" | "old epoch" }[];
}

const stepShape = fc.record<StepShape>({
  mode: fc.constantFrom("sync", "async", "call"),
  does: fc.constantFrom("pass", "pass", "filter", "split"),
  order: fc.constantFrom("key", "lane"),
});
const shapes = fc.record<Shape>({
  settles: fc.constantFrom("contiguous", "individual"),
  steps: fc.array(stepShape, { maxLength: 4 }),
  sinks: fc.integer({ min: 1, max: 3 }),
  flights: fc.integer({ min: 1, max: 4 }),
  seed: fc.integer(),
  events: fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 400 }),
      what: fc.constantFrom("revoke" as const, "swap" as const, "old epoch" as const),
    }),
    { maxLength: 5 },
  ),
});

/** A number from 0 to 1 that is the same for the same words. */
function draw(...words: (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of words.join("/")) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x2c1b3c6d) >>> 0) / 2 ** 32;
}

const keyOf = (n: number) => `k${n % keys}`;
const numbered = (n: number) => makeMessage(n, String(n)).with({ key: new TextEncoder().encode(keyOf(n)) });

/** Keeps the books of one run. */
class Books {
  readonly written: number[][] = [];
  readonly dead = new Set<number>();
  readonly settled = new Set<number>();
  epoch = 1;
  readonly faults: string[] = [];

  /** `expected`: which numbers reach the sinks when nothing fails. */
  constructor(
    readonly expected: ReadonlySet<number>,
    { sinks, settles }: Pick<Shape, "sinks" | "settles">,
  ) {
    for (let sink = 0; sink < sinks; sink++) this.written.push([]);
    this.#isContiguous = settles === "contiguous";
  }

  readonly #isContiguous: boolean;

  /** What comes when the lane is given anew. */
  listOpen(): number[] {
    return Array.from({ length: total }, (_, n) => n).filter((n) => !this.settled.has(n));
  }

  settle(epoch: number, position: number): void {
    if (epoch !== this.epoch) this.faults.push(`settled ${position} under epoch ${epoch}, when it was ${this.epoch}`);
    for (let n = this.#isContiguous ? 0 : position; n <= position; n++) {
      this.settled.add(n);
      if (this.dead.has(n) || !this.expected.has(n)) continue;
      this.written.forEach((written, sink) => {
        if (!written.includes(n)) this.faults.push(`settled ${position} before ${n} was at sink ${sink}`);
      });
    }
  }

  /** First deliveries of a key that came after a later one of it. */
  findDisorder(): string[] {
    return this.written.flatMap((written, sink) => {
      const newest = new Map<string, number>();
      const seen = new Set<number>();
      return written.flatMap((n) => {
        // One that became a dead letter, and comes once more because what was with it was cut, is out of its order by then.
        if (seen.has(n) || this.dead.has(n)) return [];
        seen.add(n);
        const before = newest.get(keyOf(n)) ?? -1;
        newest.set(keyOf(n), Math.max(before, n));
        return before > n ? [`${n} came after ${before} at sink ${sink}`] : [];
      });
    });
  }
}

function makeNodes(shape: Shape, books: Books): Record<string, TestNode> {
  const { steps, sinks, seed } = shape;
  const sinkNames = Array.from({ length: sinks }, (_, sink) => `sink${sink}`);
  const after = (step: number) => (step < steps.length ? [`step${step}`] : sinkNames);
  const nodes: Record<string, TestNode> = { in: { targets: { out: after(0) } } };
  const failureOf = (node: string, n: number, attempt: number) => {
    const luck = draw(seed, node, n, attempt);
    if (luck < 0.03) return rejected("no", "Never.");
    if (luck < 0.1) return retryMessage("again", "Try again.");
    return luck < 0.14 ? retryDependency("away", "Away.") : undefined;
  };
  steps.forEach(({ mode, does, order }, index) => {
    const node = `step${index}`;
    const tries = new Map<number, number>();
    const work = (message: Message): StepResult => {
      const n = Number(message.body);
      const attempt = (tries.get(n) ?? 0) + 1;
      tries.set(n, attempt);
      const failure = failureOf(node, n, attempt);
      if (failure) return failure;
      const emit = { port: "out", message };
      if (does === "filter") return { emit: n % 5 === index ? [] : [emit] };
      return { emit: does === "split" ? [emit, emit] : [emit] };
    };
    nodes[node] = {
      mode,
      calls: { order, concurrency: 5 },
      targets: { out: after(index + 1) },
      step:
        mode === "sync"
          ? work
          : async (message) => {
              await sleep(draw(seed, node, "took", Number(message.body)) * 12);
              return work(message);
            },
    };
  });
  sinkNames.forEach((node, sink) => {
    const tries = new Map<string, number>();
    nodes[node] = {
      sink: async (messages, signal) => {
        await sleep(draw(seed, node, messages.length) * 8);
        // As a partition does it: what stands behind a failed one is given back with it.
        let given: Verdict | undefined;
        return messages.map((message) => {
          const n = Number(message.body);
          if (given || signal.aborted) return given ?? retryDependency("away", "Cut.");
          const attempt = (tries.get(String(n)) ?? 0) + 1;
          tries.set(String(n), attempt);
          if (draw(seed, node, n, attempt) < 0.05) {
            given = retryDependency("away", "Away.");
            return given;
          }
          books.written[sink]!.push(n);
          return done;
        });
      },
    };
  });
  return nodes;
}

async function run(shape: Shape): Promise<Books> {
  const expected = new Set(
    Array.from({ length: total }, (_, n) => n).filter((n) =>
      shape.steps.every(({ does }, index) => does !== "filter" || n % 5 !== index),
    ),
  );
  const books = new Books(expected, shape);
  const nodes = makeNodes(shape, books);
  const source = openTestSource(shape.settles);
  let pipeline = await openPipeline(nodes);
  const keep = async (letters: readonly { position: string }[]) => {
    for (const { position } of letters) books.dead.add(Number(position));
  };
  const delivery = new Delivery({ keep }, { observe: () => {} }, silent);
  const host = new SourceHost(
    makeHostOptions(
      {
        ...source.behaviour,
        open: async (config, context, handlers) => ({
          ...(await source.behaviour.open(config, context, handlers)),
          settle: (_lane, epoch, position) => books.settle(epoch, Number(position)),
        }),
      },
      () => pipeline,
      delivery,
      {
        window: () =>
          shape.steps.some(({ mode }) => mode === "call")
            ? pipeline.window()
            : { flights: shape.flights, messages: shape.flights * 20, batch: 20, bytes: 500_000, together: 20 },
      },
    ),
  );
  host.start();
  await vi.advanceTimersByTimeAsync(1);

  const feed = async (epoch: number) => {
    const open = books.listOpen();
    for (let at = 0; at < open.length && books.epoch === epoch; at += 9) {
      await source.handlers.deliver("lane", epoch, open.slice(at, at + 9).map(numbered));
      const inFlight = host.lanes()[0]?.inFlight ?? 0;
      if (inFlight > window + 1_500) books.faults.push(`${inFlight} in flight`);
    }
  };
  source.handlers.assigned("lane", 1);
  void feed(1);
  const swaps: Promise<unknown>[] = [];
  for (const { afterMs, what } of shape.events) {
    await vi.advanceTimersByTimeAsync(afterMs);
    if (what === "swap") {
      const before = pipeline;
      pipeline = await openPipeline(nodes, before.version.version + 1);
      swaps.push(before.drain().then(() => before.close()));
    } else if (what === "old epoch") {
      void source.handlers.deliver("lane", books.epoch - 1, [numbered(total + 1)]);
    } else {
      let isRevoked = false;
      void source.handlers.revoked("lane", books.epoch).then(() => {
        isRevoked = true;
      });
      while (!isRevoked) await vi.advanceTimersByTimeAsync(20);
      books.epoch++;
      source.handlers.assigned("lane", books.epoch);
      void feed(books.epoch);
    }
  }
  for (let waited = 0; books.settled.size < total && waited < 120_000; waited += 100)
    await vi.advanceTimersByTimeAsync(100);
  let isStopped = false;
  void Promise.all([host.stop(0), ...swaps]).then(() => {
    isStopped = true;
  });
  while (!isStopped) await vi.advanceTimersByTimeAsync(20);
  const written = JSON.stringify(books.written);
  await vi.advanceTimersByTimeAsync(5_000);
  if (JSON.stringify(books.written) !== written) books.faults.push("something was written after the stop");
  for (const { inFlight } of pipeline.counters.values())
    if (inFlight !== 0) books.faults.push(`${inFlight} left in flight`);
  return books;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("whatever happens when, what is settled is safe and in order, and all of it is settled in the end", async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async (shape) => {
      const books = await run(shape);
      expect(books.faults).toEqual([]);
      expect(books.settled.size).toBe(total);
      if (shape.settles === "contiguous") expect(books.findDisorder()).toEqual([]);
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 150) },
  );
}, 600_000);

test("the books would show it: a sink that loses one, and one that writes out of order", async () => {
  const shape: Shape = { settles: "contiguous", steps: [], sinks: 1, flights: 2, seed: 1, events: [] };
  const books = await run(shape);
  expect(books.faults).toEqual([]);
  books.written[0]!.splice(books.written[0]!.indexOf(10), 1);
  books.settle(1, 20);
  expect(books.faults).toEqual(["settled 20 before 10 was at sink 0"]);
  books.written[0]!.push(3 + keys * 100, 10 + keys * 50);
  expect(books.findDisorder().length).toBeGreaterThan(0);
});
