import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { KeyScope } from "../../flow/received-keys";
import { tendReceivedKeys } from "../tend-received-keys";
import { silent } from "../testing";
import { Presence } from "./presence";
import { PostgresReceivedKeys } from "./received-keys";
import { describeReceivedKeys } from "./received-keys-conformance";
import { openTestDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.drop());

async function openWorker(id: string): Promise<PostgresReceivedKeys> {
  const identity = {
    environment: "default",
    host: "here",
    pid: 1,
    version: "1",
    label: null,
    address: "http://127.0.0.1:1",
  };
  await new Presence(database.pool, { id, ...identity }).beat({});
  return new PostgresReceivedKeys(database.pool, id);
}

/** As after 16 seconds without a heartbeat. */
async function endWorker(id: string): Promise<void> {
  await database.pool.query(
    `UPDATE "Worker" SET "heartbeatAt" = (now() AT TIME ZONE 'UTC') - interval '16 seconds' WHERE id = $1`,
    [id],
  );
}

async function pass(durationMs: number): Promise<void> {
  await database.pool.query(`UPDATE "ReceivedKey" SET "expiresAt" = "expiresAt" - $1 * interval '1 millisecond'`, [
    durationMs,
  ]);
}

describeReceivedKeys("in Postgres", () => ({ worker: openWorker, end: endWorker, pass }));

describe("received keys in Postgres", () => {
  const scope: KeyScope = { name: "default/orders/once", ttlMs: 60_000, limit: 1_000 };
  const requestsOf = (holder: string, keys: readonly string[]) => keys.map((key) => ({ key, holder, resent: false }));
  const nameKeys = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `k-${from + index}`);
  async function count(): Promise<number> {
    const { rows } = await database.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM "ReceivedKey"`);
    return rows[0]!.n;
  }
  beforeEach(async () => {
    await database.pool.query(`TRUNCATE "ReceivedKey"`);
  });

  /** One lane: reserves its batches one after the other, works what is new, confirms. */
  async function workLane(store: PostgresReceivedKeys, lane: string, batches: readonly string[][], written: string[]) {
    for (const [position, keys] of batches.entries()) {
      const requests = requestsOf(`${lane} ${position}`, keys);
      for (;;) {
        const reservation = await store.reserve(scope, requests);
        if ("waitsFor" in reservation) {
          await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 5));
          continue;
        }
        const fresh = requests.filter((_, index) => reservation.answers[index] === "new");
        written.push(...fresh.map(({ key }) => key));
        await store.confirm(scope, fresh);
        break;
      }
    }
  }

  it("lets each key through once when lanes of two workers bring the same ones in other orders", async () => {
    const [one, two] = [await openWorker("one"), await openWorker("two")];
    const keys = nameKeys(600);
    const batchesOf = (order: readonly string[]) =>
      Array.from({ length: 12 }, (_, index) => order.slice(index * 50, index * 50 + 50));
    const lanes = [keys, [...keys].reverse(), shuffle(keys), shuffle(keys), shuffle(keys), shuffle(keys)];
    const written: string[] = [];
    await Promise.all(
      lanes.map((order, lane) => workLane(lane % 2 ? one : two, `lane-${lane}`, batchesOf(order), written)),
    );
    expect(written.length).toBe(600);
    expect(new Set(written).size).toBe(600);
  });

  it("delivers again what a worker that was killed had reserved, and loses nothing", async () => {
    const [one, two] = [await openWorker("one"), await openWorker("two")];
    const requests = requestsOf("orders in orders/0 7", nameKeys(3));
    await one.reserve(scope, requests);
    await one.confirm(scope, requests.slice(0, 1));
    // Its lane moves before anybody knows that it is gone: the same message needs not wait.
    expect(await two.reserve(scope, requests)).toMatchObject({ answers: ["worked", "new", "new"] });
    // A copy of it waits for the new owner, however dead the old one is.
    await endWorker("one");
    const copy = requestsOf("orders in orders/1 7", nameKeys(3));
    expect(await two.reserve(scope, copy)).toEqual({ waitsFor: "orders in orders/0 7" });
    await two.confirm(scope, requests.slice(1));
    expect(await two.reserve(scope, copy)).toMatchObject({ answers: ["duplicate", "duplicate", "duplicate"] });
  });

  it("takes keys and places of any length and signs", async () => {
    const store = await openWorker("one");
    const requests = requestsOf(`orders in queue ${"x".repeat(5_000)}\0`, ["k".repeat(100_000), "\0\xff", "' OR 1"]);
    expect(await store.reserve(scope, requests)).toMatchObject({ answers: ["new", "new", "new"] });
    await store.confirm(scope, requests);
    expect(await store.reserve(scope, requests)).toMatchObject({ answers: ["worked", "worked", "worked"] });
  });

  it("forgets in bulk what is past its time, and leaves what is on its way", async () => {
    const store = await openWorker("one");
    await store.reserve(scope, requestsOf("p 1", nameKeys(10)));
    await store.confirm({ ...scope, name: "default/other/once" }, requestsOf("p 2", nameKeys(7_000)));
    await store.confirm(scope, requestsOf("p 3", nameKeys(20, 100)));
    await pass(61_000);
    await store.confirm(scope, requestsOf("p 4", nameKeys(5, 200)));
    const end = tendReceivedKeys(store, silent);
    await expect.poll(count, { timeout: 5_000 }).toBe(15);
    end();
    await endWorker("one");
    expect(await store.forgetExpired()).toBe(10);
  });

  it("holds no more than the limit, and forgets the oldest first", async () => {
    const store = await openWorker("one");
    for (let from = 0; from < 1_500; from += 100) {
      await store.confirm(scope, requestsOf("p 1", nameKeys(100, from)));
      await pass(1_000);
    }
    expect(await store.forgetBeyondLimit()).toEqual([{ scope: scope.name, forgotten: 500 }]);
    expect(await store.forgetBeyondLimit()).toEqual([]);
    const answers = await store.reserve(scope, requestsOf("p 2", ["k-499", "k-500", "k-1499"]));
    expect(answers).toMatchObject({ answers: ["new", "duplicate", "duplicate"] });
  });

  it("takes no more than 400 bytes a key", async () => {
    const store = await openWorker("worker-7d9f6c5b4-x2x9k-4711-1a2b3c4d");
    const keys = 50_000;
    for (let from = 0; from < keys; from += 500) {
      const requests = nameKeys(500, from).map((key, index) => ({
        key,
        holder: `orders-by-country orders orders/3 ${10_000_000 + from + index}`,
        resent: false,
      }));
      await store.reserve(scope, requests);
      await store.confirm(scope, requests);
    }
    const { rows } = await database.pool.query<{ size: string }>(
      `SELECT pg_total_relation_size('"ReceivedKey"') AS size`,
    );
    expect(Number(rows[0]!.size) / keys).toBeLessThan(400);
  });
});

function shuffle<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .sort(([left], [right]) => left - right)
    .map(([, item]) => item);
}
