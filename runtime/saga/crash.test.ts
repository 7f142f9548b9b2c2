import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { HeldStore } from "../../flow/holding";
import { MemoryHeldStore } from "../../flow/testing/held-store";
import { sagaLeaseMs } from "./saga-row";
import { BookKeeper, type Mood } from "./testing/books";
import { end, fakeTimers, idOf, makeFlow, pass, rowOf, settle, stateOf, step, TestWorker } from "./testing/worker";

beforeEach(fakeTimers);
afterEach(() => {
  vi.useRealTimers();
});

const steps = ["reserve", "charge", "book"];
const flow = makeFlow([...steps.map((name) => step(name)), end, { id: "said", kind: "log", config: {} }]);

/** Kills its worker at the write of that number: before the store has made it, or when it has. */
function killAt(store: MemoryHeldStore, number: number, when: "before" | "after", kill: () => void): HeldStore {
  let writes = 0;
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function") return value;
      if (name !== "write") return value.bind(target) as unknown;
      return async (...args: Parameters<HeldStore["write"]>) => {
        if (++writes !== number) return store.write(...args);
        kill();
        return when === "before" ? new Promise(() => {}) : store.write(...args);
      };
    },
  });
}

/** Of three steps: the beginning, three outcomes, the end; with a refusal at the last: its outcome and two compensations. */
const writesOf = { completed: 5, compensated: 6 };

for (const outcome of ["completed", "compensated"] as const) {
  for (const when of ["before", "after"] as const) {
    it.each(Array.from({ length: writesOf[outcome] }, (_, index) => index + 1))(
      `a saga that ends ${outcome} goes on when its worker is killed ${when} write %i`,
      async (number) => {
        const mood = (name: string): Mood => (outcome === "compensated" && name === "book" ? "fails" : "well");
        const service = new BookKeeper(mood);
        const request = service.request.bind(service);
        const store = new MemoryHeldStore();
        const first: TestWorker = new TestWorker({
          flow,
          store: killAt(store, number, when, () => {
            first.isGone = true;
          }),
          service: request,
        });
        const second = new TestWorker({ flow, store, service: request });
        void first.start("o-1", { id: "o-1" });
        await settle(80);
        expect(first.isGone).toBe(true);
        // Its source hands it over again: nobody told it that it is safe.
        if (number === 1) await second.start("o-1", { id: "o-1" });
        await pass(2 * sagaLeaseMs + 1_000, second);
        expect(rowOf(store, idOf("o-1")).status).toBe(outcome);
        for (const name of steps) {
          const [made, unmade] = [service.done.get(`o-1 ${name}`) ?? 0, service.undone.get(`o-1 ${name}`) ?? 0];
          expect([name, made, unmade]).toEqual(
            outcome === "completed" ? [name, 1, 0] : name === "book" ? [name, 0, 0] : [name, 1, 1],
          );
        }
        const said = outcome === "completed" ? [...first.left, ...second.left] : [];
        expect(new Set(said.map(({ place }) => place.position)).size).toBe(said.length > 0 ? 1 : 0);
        // The same attempt was sent again, it was not another.
        for (const { attempts } of stateOf(store, idOf("o-1")).visits)
          expect(attempts.filter(({ side }) => side === "action").length).toBeLessThanOrEqual(1);
      },
    );
  }
}
