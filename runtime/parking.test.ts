import { describe, expect, test } from "vitest";
import type { SourceContext } from "../flow/behaviour";
import type { Message } from "../flow/message";
import { retryMessage } from "../flow/verdict";
import { sleep } from "./backoff";
import { Delivery } from "./delivery";
import type { Flight } from "./flight";
import { type DueMessage, ParkedSource } from "./parked-source";
import { nameOrder, Parking } from "./parking";
import { drawRun, type RunRecord } from "./run-record";
import { SourceHost } from "./source-host";
import {
  collect,
  eventually,
  makeContext,
  makeHostOptions,
  makeMessage,
  openPipeline,
  openTestSource,
  silent,
  type TestNode,
} from "./testing";
import { MemoryParked } from "./testing-parked";

const keyed = (key: string | null, n: number) =>
  makeMessage(n, String(n)).with({ key: key === null ? null : new TextEncoder().encode(key) });
/** A wait that no test outlives: what is parked stays until the test makes it due. */
const longRetry = { attempts: 3, backoff: "fixed", delayMs: 60_000, maxDelayMs: 60_000 } as const;

async function openFlow(node: Omit<TestNode, "targets">, store = new MemoryParked()) {
  const out: unknown[] = [];
  const letters: unknown[] = [];
  const parking = new Parking(store, "default", "flow-1");
  const nodes: Record<string, TestNode> = {
    in: { targets: { out: ["call"] } },
    call: { retry: longRetry, targets: { out: ["sink"] }, ...node },
    sink: { sink: collect(out) },
  };
  const pipeline = await openPipeline(nodes, 1, undefined, parking);
  const keep = async (more: readonly { cause: { code: string } }[]) =>
    void letters.push(...more.map(({ cause }) => cause.code));
  const runs: RunRecord[] = [];
  const observe = (flight: Flight) => void runs.push(drawRun(flight, 0));
  const delivery = new Delivery({ keep }, { observe }, silent);
  const source = openTestSource("contiguous");
  const host = new SourceHost(
    makeHostOptions(source.behaviour, () => pipeline, delivery, {
      openLane: (lane) => parking.open("in", lane),
      closeLane: (lane) => parking.close("in", lane),
    }),
  );
  const parked = new ParkedSource({ store, letters: { keep }, parking, log: silent, pipeline: () => pipeline });
  const parkedHost = new SourceHost(
    makeHostOptions(parked.behaviour, () => pipeline, delivery, {
      node: "parked",
      groupId: "",
      context: () => makeContext("parked"),
      begin: (messages) => parked.begin(messages),
    }),
  );
  host.start();
  parkedHost.start();
  await eventually(() => source.handlers !== undefined);
  source.handlers.assigned("lane", 1);
  const deliver = (...messages: Message[]) => void source.handlers.deliver("lane", 1, messages);
  const stop = async () => {
    await Promise.all([host.stop(0), parkedHost.stop(0)]);
  };
  return { out, letters, runs, parking, source, store, deliver, pipeline, stop };
}

/** A step that fails some numbers until it is mended. */
function makeStep(bad: Set<unknown>) {
  return (message: Message) =>
    bad.has(message.body)
      ? retryMessage("http-status", "The endpoint answered 500.")
      : { emit: [{ port: "out", message }] };
}

describe.each(["sync", "call"] as const)("a message that waits long, at a step that is %s", (mode) => {
  test("is parked with all later ones of its key, while its lane goes on and settles", async () => {
    const bad = new Set<unknown>([1]);
    const flow = await openFlow({ mode, step: makeStep(bad) });
    flow.deliver(keyed("a", 0), keyed("b", 1), keyed("a", 2), keyed("b", 3));
    await eventually(() => flow.source.settled.at(-1)?.position === "3");
    flow.deliver(keyed("b", 4), keyed("c", 5));
    await eventually(() => flow.source.settled.at(-1)?.position === "5");
    expect(flow.out).toEqual([0, 2, 5]);
    expect(flow.store.rows.map(({ position }) => position)).toEqual(["1", "3", "4"]);
    expect(flow.pipeline.counters.get("call")?.read(0).parked).toBe(3);

    bad.clear();
    flow.store.makeDue();
    await eventually(() => flow.store.rows.length === 0);
    expect(flow.out).toEqual([0, 2, 5, 1, 3, 4]);
    expect(flow.parking.holds("call")).toBe(false);
    flow.deliver(keyed("b", 6));
    await eventually(() => flow.out.length === 7);
    await flow.stop();
  });

  test("counts its attempts over all its tries, and becomes a dead letter; those behind it go on", async () => {
    const bad = new Set<unknown>([0]);
    const flow = await openFlow({ mode, step: makeStep(bad) });
    flow.deliver(keyed("a", 0), keyed("a", 1));
    await eventually(() => flow.store.rows.length === 2);
    flow.store.makeDue();
    await eventually(() => flow.store.rows[0]?.attempts === 2 && flow.store.rows[0].dueAt !== null);
    expect(flow.out).toEqual([]);
    flow.store.makeDue();
    await eventually(() => flow.store.rows.length === 0);
    expect(flow.letters).toEqual(["http-status"]);
    expect(flow.out).toEqual([1]);
    const ofFirst = flow.runs.filter(({ position }) => position === "0");
    expect(ofFirst.map(({ state, attempts }) => [state, attempts])).toEqual([
      ["parked", 1],
      ["parked", 2],
      ["dead", 3],
    ]);
    await flow.stop();
  });

  test("given up by a person it becomes a dead letter without another try, wherever it stands in its key", async () => {
    const bad = new Set<unknown>([0]);
    const flow = await openFlow({ mode, step: makeStep(bad) });
    flow.deliver(keyed("a", 0), keyed("a", 1), keyed("a", 2));
    await eventually(() => flow.store.rows.length === 3);
    flow.store.rows[1]!.giveUp = true;
    await eventually(() => flow.store.rows.length === 2);
    expect(flow.letters).toEqual(["waits-behind"]);
    flow.store.rows[0]!.giveUp = true;
    await eventually(() => flow.store.rows.length === 0);
    expect(flow.letters).toEqual(["waits-behind", "http-status"]);
    expect(flow.pipeline.counters.get("call")?.read(0).dead).toBe(2);
    await eventually(() => flow.out.length === 1);
    expect(flow.out).toEqual([2]);
    await flow.stop();
  });

  test("given up while it is tried, it is what the try makes of it", async () => {
    const bad = new Set<unknown>([0]);
    const flow = await openFlow({ mode, step: makeStep(bad) });
    flow.deliver(keyed("a", 0));
    await eventually(() => flow.store.rows.length === 1);
    bad.clear();
    const claim = flow.store.claim.bind(flow.store);
    // Claimed just before it was given up.
    flow.store.claim = async (asked) => (await claim(asked)).map((due) => ({ ...due, giveUp: false }));
    flow.store.makeDue();
    flow.store.rows[0]!.giveUp = true;
    await eventually(() => flow.store.rows.length === 0);
    expect(flow.out).toEqual([0]);
    expect(flow.letters).toEqual([]);
    await flow.stop();
  });

  test("without a key only itself is parked", async () => {
    const bad = new Set<unknown>([0]);
    const flow = await openFlow({ mode, step: makeStep(bad) });
    flow.deliver(keyed(null, 0), keyed(null, 1));
    await eventually(() => flow.source.settled.at(-1)?.position === "1");
    expect(flow.out).toEqual([1]);
    await flow.stop();
  });

  test("who has the lane next keeps the key waiting, and the same message once more is not parked twice", async () => {
    const bad = new Set<unknown>([0]);
    const store = new MemoryParked();
    const first = await openFlow({ mode, step: makeStep(bad) }, store);
    first.deliver(keyed("a", 0));
    await eventually(() => store.rows.length === 1);
    await first.stop();

    const second = await openFlow({ mode, step: makeStep(bad) }, store);
    second.deliver(keyed("a", 0), keyed("a", 1), keyed("b", 2));
    await eventually(() => second.source.settled.at(-1)?.position === "2");
    expect(second.out).toEqual([2]);
    expect(store.rows.map(({ position }) => position)).toEqual(["0", "1"]);
    bad.clear();
    store.makeDue();
    await eventually(() => store.rows.length === 0);
    expect(second.out).toEqual([2, 0, 1]);
    await second.stop();
  });

  test("is handed back when its flight has ended, so that another worker may have the lane", async () => {
    const flow = await openFlow({ mode, step: makeStep(new Set<unknown>([0])) });
    flow.deliver(keyed("a", 0));
    await eventually(() => flow.store.rows.length === 1 && !flow.store.rows[0]!.claimed);
    await flow.stop();
  });

  test("a key whose message could not be parked before its flight was cut does not wait for ever", async () => {
    const store = new MemoryParked();
    const parking = new Parking(store, "default", "flow-1");
    const nodes: Record<string, TestNode> = {
      in: { targets: { out: ["call"] } },
      call: { mode, retry: longRetry, step: makeStep(new Set<unknown>([0])), targets: { out: [] } },
    };
    const pipeline = await openPipeline(nodes, 1, undefined, parking);
    const delivery = new Delivery({ keep: async () => {} }, { observe: () => {} }, silent);
    store.isAway = true;
    const flight = pipeline.begin("in", [keyed("a", 0)]);
    const delivering = delivery.deliver(flight);
    await eventually(() => pipeline.counters.get("call")?.read(0).state === "degraded");
    expect(parking.holds("call")).toBe(true);
    flight.cut();
    expect(await delivering).toBe(false);
    expect(parking.holds("call")).toBe(false);
  });

  test("holds its lane while the store is away, and loses nothing", async () => {
    const bad = new Set<unknown>([0]);
    const flow = await openFlow({ mode, step: makeStep(bad) });
    await eventually(() => flow.parking.lanes.size === 1);
    flow.store.isAway = true;
    flow.deliver(keyed("a", 0));
    await eventually(() => flow.pipeline.counters.get("call")?.read(0).state === "degraded");
    await sleep(20);
    expect(flow.source.settled).toEqual([]);
    flow.store.isAway = false;
    await eventually(() => flow.source.settled.length === 1);
    expect(flow.store.rows).toHaveLength(1);
    await flow.stop();
  });
});

test("whose node is not drawn any more it becomes a dead letter, and is not taken for worked", async () => {
  const store = new MemoryParked();
  const first = await openFlow({ mode: "async", step: makeStep(new Set([0])) }, store);
  first.deliver(keyed("a", 0));
  await eventually(() => store.rows.length === 1);
  await first.stop();
  store.rows = store.rows.map((row) => ({ ...row, node: "gone" }));
  const second = await openFlow({ mode: "async", step: makeStep(new Set()) }, store);
  store.makeDue();
  await eventually(() => store.rows.length === 0);
  expect(second.letters).toEqual(["http-status"]);
  expect(second.out).toEqual([]);
  await second.stop();
});

test("keys are told apart, whatever their bytes and length", () => {
  const names = [new Uint8Array(), new Uint8Array([0]), new Uint8Array(101), new Uint8Array(102)].map((key) =>
    nameOrder(makeMessage(0).with({ key })),
  );
  expect(new Set(names).size).toBe(4);
  expect(nameOrder(makeMessage(0))).toBeNull();
});

test.each([false, true])(
  "enters again known by its place and its way, sent again by a person or not: %s",
  async (resent) => {
    const parking = new Parking(new MemoryParked(), "default", "flow-1");
    await parking.open("in", "orders/0");
    parking.hold("call", { source: "in", lane: "orders/0" }, "k");
    const header = ["millrace-dead-letter-id", new TextEncoder().encode("letter-1")] as const;
    const due: DueMessage = {
      id: "parked-1",
      node: "call",
      place: { source: "in", lane: "orders/0", position: "7", part: "0.1" },
      orderKey: "k",
      attempts: 1,
      key: null,
      value: null,
      headers: resent ? [header] : [],
      codec: "json",
      timestamp: 0,
      cause: { code: "http-status", message: "The endpoint answered 500." },
      runId: null,
      traceId: null,
      giveUp: false,
    };
    const store = new MemoryParked();
    store.claim = async ({ inHand }) => (inHand.length > 0 ? [] : [due]);
    const begun: Message[] = [];
    const beginAgain = (_node: string, message: Message) => begun.push(message);
    const letters = { keep: async () => {} };
    const pipeline = () => ({ beginAgain, has: () => true, isSource: () => true }) as never;
    const parked = new ParkedSource({ store, letters, parking, log: silent, pipeline });
    const deliver = async (_lane: string, _epoch: number, tickets: Message[]) => void parked.begin(tickets);
    await parked.behaviour.open({} as never, {} as SourceContext, { assigned: () => {}, deliver } as never);
    await eventually(() => begun.length === 1);
    await parked.stop();
    expect(begun[0]!.meta).toMatchObject({
      lane: "orders/0",
      position: "7",
      origin: { lane: "orders/0", position: "7", part: "0.1", resent },
    });
  },
);
