import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { HeldStore } from "../../flow/holding";
import { MemoryHeldStore } from "../../flow/testing/held-store";
import { BookKeeper, type Mood } from "./testing/books";
import { end, fakeTimers, idOf, makeFlow, pass, rowOf, stateOf, step, TestWorker } from "./testing/worker";

beforeEach(fakeTimers);
afterEach(() => {
  vi.useRealTimers();
});

const steps = ["reserve", "charge", "book", "pack"];
const retries = { attempts: 2, timeoutMs: 1_000, delayMs: 200 };
const undo = { attempts: 50, timeoutMs: 1_000, delayMs: 100, maxDelayMs: 500 };

/** Reserve, then charge and book side by side, then pack. */
const flow = makeFlow(
  [
    step("reserve", { action: retries, compensation: undo }),
    { id: "both", kind: "saga-fork", config: { branches: ["a", "b"] } },
    step("charge", { action: retries, compensation: undo }),
    step("book", { action: retries, compensation: undo }),
    { id: "met", kind: "saga-join", config: {} },
    step("pack", { action: retries, compensation: undo }),
    end,
  ],
  [
    { from: "in", to: "begin" },
    { from: "begin", to: "reserve" },
    { from: "reserve", to: "both" },
    { from: "both.a", to: "charge" },
    { from: "both.b", to: "book" },
    { from: "charge", to: "met" },
    { from: "book", to: "met" },
    { from: "met", to: "pack" },
    { from: "pack", to: "end" },
  ],
);

/** A stream of chances from a seed. */
function chances(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Kills the worker that asks, or tells it that the store is away, before or after the store has done what was asked. */
function troubled(store: MemoryHeldStore, chance: () => number, share: number, kill: () => void): HeldStore {
  const write: HeldStore["write"] = async (changes) => {
    const luck = chance();
    if (luck < share) kill();
    if (luck < share / 2) return new Promise<never>(() => {});
    if (luck > 1 - share) throw new Error("away");
    const answers = await store.write(changes);
    if (luck > 1 - 2 * share) throw new Error("its answer was lost");
    return answers;
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === "write") return write;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

it("whatever crashes and gets lost: every saga ends, and the books add up", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const chance = chances(seed);
      const moods: Mood[] = ["fails", "busy", "lost", "refused", "twice"];
      const service = new BookKeeper((_, __, isUndo) => {
        if (chance() > 0.25) return "well";
        const mood = moods[Math.floor(chance() * moods.length)]!;
        return isUndo && mood === "fails" ? "lost" : mood;
      });
      const store = new MemoryHeldStore();
      let crashes = 0;
      const begin = (): TestWorker => {
        const worker: TestWorker = new TestWorker({
          flow,
          store: troubled(store, chance, 0.02, () => {
            worker.isGone = true;
            crashes++;
          }),
          service: async (request) => {
            // Some answers are faster than others.
            const waitMs = Math.floor(chance() * 300);
            await new Promise((resolve) => setTimeout(resolve, waitMs));
            return service.request(request);
          },
        });
        return worker;
      };
      const workers = [begin(), begin()];
      const orders = Array.from({ length: 12 }, (_, index) => `o-${index}`);
      for (const order of orders) {
        // As its source would: again until it is safe.
        let isSafe = false;
        for (let tries = 0; !isSafe && tries < 20; tries++) {
          const started = workers[tries % 2]!.start(order, { id: order });
          const [verdict] = (await Promise.race([started, pass(100, ...workers).then(() => [])])) as [
            { verdict: string }?,
          ];
          isSafe = verdict?.verdict === "done";
          workers.forEach((worker, index) => {
            if (worker.isGone) workers[index] = begin();
          });
        }
        expect(isSafe).toBe(true);
      }
      for (let round = 0; round < 400; round++) {
        await pass(500, ...workers);
        workers.forEach((worker, index) => {
          if (worker.isGone) workers[index] = begin();
        });
        if (orders.every((order) => stateOf(store, idOf(order)).phase === "ended")) break;
      }
      for (const order of orders) {
        const { status } = rowOf(store, idOf(order));
        const story = JSON.stringify({ seed, order, crashes, state: stateOf(store, idOf(order)) });
        expect(["completed", "compensated"], story).toContain(status);
        for (const name of steps) {
          const entry = `${order} ${name}`;
          const [made, unmade] = [service.done.get(entry) ?? 0, service.undone.get(entry) ?? 0];
          expect(made, `${entry} done: ${story}`).toBeLessThanOrEqual(1);
          expect(made - unmade, `${entry}: ${story}`).toBe(status === "completed" ? 1 : 0);
        }
      }
      for (const worker of workers) worker.isGone = true;
      vi.clearAllTimers();
    }),
    {
      numRuns: Number(process.env.SAGA_RUNS ?? 12),
      ...(process.env.SAGA_SEED ? { examples: [[Number(process.env.SAGA_SEED)]] } : {}),
    },
  );
}, 600_000);
