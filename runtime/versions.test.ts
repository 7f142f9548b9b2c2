import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Behaviour, SinkBehaviour, SourceBehaviour } from "../flow/behaviour";
import type { FlowDocument } from "../flow/document";
import { noHolding } from "../flow/testing/holding";
import { done } from "../flow/verdict";
import { Borrower, type Connections } from "./connections";
import { Parking } from "./parking";
import type { DesiredDeployment } from "./stores/desired-state";
import { silent } from "./testing";
import { MemoryParked } from "./testing-parked";
import { Versions } from "./versions";
import type { Workshop } from "./workshop";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const wanted: DesiredDeployment = {
  id: "d",
  environment: "default",
  flowId: "flow-1",
  flow: "test",
  groupName: "test",
  version: 2,
  desired: "running",
  revision: 1,
  generation: 1,
  start: { from: "kind" },
  label: null,
};

/** Versions whose only sink tells when it is opened and closed; `fails` tells why a version cannot be opened; `topics`: where it is another kind. */
function open(fails: (version: number) => Error | undefined = () => undefined, topics: readonly number[] = []) {
  const events: string[] = [];
  let fingerprint = "1";
  const connections = {
    acquire: () => ({ transport: { kind: "kafka", port: {} }, fingerprint, release: () => {} }),
    fingerprint: () => fingerprint,
  } as unknown as Connections;
  const sink: SinkBehaviour<never> = {
    role: "sink",
    open: (_config, context) => {
      context.connection("kafka", "kafka");
      events.push(`open ${context.version}`);
      return {
        write: async (batch) => batch.map(() => done),
        close: () => void events.push(`close ${context.version}`),
      };
    },
  };
  const behaviours: Record<string, Behaviour> = {
    "generate-source": { role: "source" } as SourceBehaviour<never>,
    log: sink,
    "kafka-sink": sink,
  };
  const documentOf = (version: number): FlowDocument => ({
    format: "millrace/flow@1",
    name: `v${version}`,
    nodes: [
      { id: "in", kind: "generate-source", config: { perSecond: 1, body: "n" } },
      topics.includes(version)
        ? { id: "out", kind: "kafka-sink", config: { topic: "t" } }
        : { id: "out", kind: "log", config: {} },
    ],
    edges: [{ from: "in", to: "out" }],
  });
  const workshop = {
    connections,
    behaviourOf: (kind: string) => behaviours[kind],
    document: async (_flow: string, version: number) => {
      const failure = fails(version);
      if (failure) throw failure;
      return documentOf(version);
    },
  } as unknown as Workshop;
  const parking = new Parking(new MemoryParked(), "default", "flow-1");
  const versions = new Versions({
    workshop,
    parking,
    log: silent,
    holdingOf: () => noHolding,
    reply: async () => ({ is: "unasked" }),
    wanted: () => wanted,
  });
  const edit = () => {
    fingerprint = "2";
  };
  return { versions, events, edit, connections };
}

describe("a version that is lent", () => {
  test("is the one that runs, where it is that", async () => {
    const { versions, events } = open();
    versions.current = await versions.open(wanted);
    const lent = await versions.lend(2, null);
    expect(lent).toMatchObject({ version: 2, document: { name: "v2" } });
    expect(lent.countersOf("out")).toBeDefined();
    expect(events).toEqual(["open 2"]);
  });

  test("is an older one, opened once, and closed when nobody has had it for a while", async () => {
    const { versions, events } = open();
    versions.current = await versions.open(wanted);
    const [one, other] = await Promise.all([versions.lend(1, null), versions.lend(1, "out")]);
    expect(one.document).toBe(other.document);
    expect(events).toEqual(["open 2", "open 1"]);
    one.release();
    one.release();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(events).toEqual(["open 2", "open 1"]);
    other.release();
    await vi.advanceTimersByTimeAsync(30_000);
    const again = await versions.lend(1, null);
    await vi.advanceTimersByTimeAsync(100_000);
    again.release();
    expect(events).toEqual(["open 2", "open 1"]);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(events).toEqual(["open 2", "open 1", "close 1"]);
  });

  test("is opened anew when a connection was edited", async () => {
    const { versions, events, edit } = open();
    const old = await versions.lend(1, null);
    edit();
    const next = await versions.lend(1, null);
    expect(next.document).not.toBe(old.document);
    expect(events).toEqual(["open 1", "open 1"]);
    old.release();
    await vi.advanceTimersByTimeAsync(100);
    expect(events).toEqual(["open 1", "open 1", "close 1"]);
  });

  test("that cannot be opened is tried again after a while", async () => {
    let reads = 0;
    const { versions } = open((version) => {
      reads++;
      return version === 1 && reads < 3 ? new Error("away") : undefined;
    });
    await expect(versions.lend(1, null)).rejects.toThrow("away");
    await expect(versions.lend(1, null)).rejects.toThrow("away");
    expect(reads).toBe(1);
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(versions.lend(1, null)).rejects.toThrow("away");
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await versions.lend(1, null)).version).toBe(1);
  });

  test("counts at the nodes of the one that runs, where that still has them, also when the next has taken over", async () => {
    const { versions } = open();
    versions.current = await versions.open(wanted);
    const older = await versions.lend(1, null);
    const counters = () => versions.current!.pipeline.counters.get("out");
    expect(older.countersOf("out")).toBe(counters());
    older.release();
    versions.current = await versions.open({ ...wanted, version: 3 });
    await vi.advanceTimersByTimeAsync(10);
    expect((await versions.lend(1, null)).countersOf("out")).toBe(counters());
    expect(counters()).not.toBe(older.countersOf("out"));
  });

  test("counts by itself where the one that runs has another node by that name", async () => {
    const { versions } = open(undefined, [2]);
    versions.current = await versions.open(wanted);
    expect((await versions.lend(1, null)).countersOf("out")).not.toBe(versions.current.pipeline.counters.get("out"));
  });

  test("stays open when another takes over, until it is given back", async () => {
    const { versions, events } = open();
    const before = await versions.open({ ...wanted, version: 1 });
    versions.current = before;
    const lent = await versions.lend(1, null);
    versions.current = await versions.open(wanted);
    await before.retire();
    expect(events).toEqual(["open 1", "open 2"]);
    lent.release();
    await vi.advanceTimersByTimeAsync(10);
    expect(events).toEqual(["open 1", "open 2", "close 1"]);
  });

  test("is closed with all others at a stop", async () => {
    const { versions, events } = open();
    versions.current = await versions.open(wanted);
    (await versions.lend(1, null)).release();
    await versions.stop(100);
    expect(events.toSorted()).toEqual(["close 1", "close 2", "open 1", "open 2"]);
    expect(versions.current).toBeNull();
  });
});

test("a borrower knows when a connection was edited", async () => {
  const { connections, edit } = open();
  const borrower = new Borrower(connections);
  borrower.connection("kafka", "kafka");
  expect(borrower.isCurrent()).toBe(true);
  edit();
  expect(borrower.isCurrent()).toBe(false);
});
