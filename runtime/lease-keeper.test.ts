import { expect, test } from "vitest";
import { LeaseKeeper } from "./lease-keeper";
import type { HostLease } from "./source-host";
import type { LeaseStore } from "./stores/leases";
import { eventually, silent } from "./testing";

const key = { environment: "default", flowId: "flow", node: "clock", generation: 1 };

function openKeeper(change: Partial<LeaseStore> = {}) {
  const calls: string[] = [];
  const store: LeaseStore = {
    acquire: async () => ({ epoch: 3n, counter: 40n }),
    renew: async (_key, _epoch, counter) => {
      calls.push(`renewed at ${counter}`);
      return true;
    },
    release: async (_key, epoch, counter) => {
      calls.push(`released ${epoch} at ${counter}`);
    },
    ...change,
  };
  const gained: HostLease[] = [];
  const keeper = new LeaseKeeper({
    store,
    key,
    log: silent,
    gained: (lease) => {
      calls.push(`gained at ${lease.counter}`);
      gained.push(lease);
    },
    lost: async () => {
      calls.push("lost");
    },
  });
  return { keeper, calls, gained };
}

test("holds the lease, stores how far the source came, frees it at the end", async () => {
  const { keeper, calls, gained } = openKeeper();
  keeper.start();
  await eventually(() => gained.length === 1);
  gained[0]!.settled("57");
  await eventually(() => calls.includes("renewed at 57"));
  gained[0]!.settled("60");
  await keeper.stop();
  expect(calls[0]).toBe("gained at 40");
  expect(calls.at(-1)).toBe("released 3 at 60");
});

test("ends the work at once when another worker has it, and waits for its turn", async () => {
  let turns = 0;
  const { keeper, calls } = openKeeper({
    renew: async () => false,
    acquire: async () => (++turns === 1 ? { epoch: 1n, counter: 0n } : undefined),
  });
  keeper.start();
  await eventually(() => turns >= 2);
  await keeper.stop();
  expect(calls).toEqual(["gained at 0", "lost"]);
});

test("ends the work before another may take over, when the store cannot be reached", async () => {
  const { keeper, calls } = openKeeper({ renew: () => new Promise(() => {}) });
  keeper.start();
  const startedAt = performance.now();
  await eventually(() => calls.includes("lost"), 8_000);
  expect(performance.now() - startedAt).toBeLessThan(6_000);
  await keeper.stop();
}, 10_000);
