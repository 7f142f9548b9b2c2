import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { OpenSource, Outcome, SourceHandlers } from "../../flow/behaviour";
import type { Codec } from "../../flow/codec";
import { bytesCodec } from "../../flow/codecs/bytes";
import { jsonCodec } from "../../flow/codecs/json";
import { findConnectionKind } from "../../flow/connection-catalog";
import { type Header, Message } from "../../flow/message";
import type { Verdict } from "../../flow/verdict";
import type { Transport } from "../transport";
import type { TcpProxy } from "./tcp-proxy";

/** A message as these tests write and compare it. */
export interface Sample {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string])[];
}

/** What a transport brings so that the suite can run on it. */
export interface Subject {
  readonly transport: Transport;
  /** A new, empty place of the type that sources read. */
  makePlace(): Promise<string>;
  /** Opens a consumer of it; the same place is always consumed as the same group. `codec` only where it decides what the bytes are. */
  consume(place: string, handlers: SourceHandlers, signal: AbortSignal, codec?: Codec): Promise<OpenSource>;
  /** As `consume`, in a source of which each worker gets all; absent where the broker cannot, which the suite says in `cannot`. */
  consumeEach?(place: string, worker: string, handlers: SourceHandlers, signal: AbortSignal): Promise<OpenSource>;
  /** Writes through the port. */
  write(place: string, messages: readonly Message[], signal: AbortSignal): Promise<Verdict[]>;
  close(): Promise<void>;
}

/**
 * `order`: what one worker reads of a lane comes in the order in which it was written. `share`: several workers work one place. `list`: places are listed by name.
 * `count`: it tells how many messages a place has, and how many wait. `newest`: it shows messages without taking them.
 */
export type Ability = "order" | "share" | "list" | "count" | "newest" | "each";

export interface Suite {
  readonly name: string;
  /** `contiguous`: what stands before a position is settled with it. */
  readonly settles: "contiguous" | "individual";
  /** What the broker cannot do, each with the reason: that test is reported as skipped, with it. Nothing is left out in silence. */
  readonly cannot?: Partial<Readonly<Record<Ability, string>>>;
  /** Orders two positions of a lane; absent: they are numbers. `null`: positions say nothing of the order. */
  readonly comparePositions?: ((a: string, b: string) => number) | null;
  /** How large a value it takes in its usual settings; absent: 1 MB. */
  readonly largeBytes?: number;
  makeProxy(): TcpProxy;
  open(proxy?: TcpProxy): Subject;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function makeMessage({ key, value, headers }: Sample): Message {
  return new Message({
    key: key === null ? null : encoder.encode(key),
    value: value === null ? null : encoder.encode(value),
    headers: headers.map(([name, text]): Header => [name, encoder.encode(text)]),
    meta: { source: "test", lane: "test", position: "0", timestamp: Date.now(), attempt: 1 },
    codec: jsonCodec,
  });
}

export function readMessage(message: Message): Sample {
  return {
    key: message.key === null ? null : decoder.decode(message.key),
    value: message.value === null ? null : decoder.decode(message.value),
    headers: message.headers.map(([name, bytes]) => [name, decoder.decode(bytes)]),
  };
}

export function makeNumbered(from: number, count: number): Message[] {
  return Array.from({ length: count }, (_, index) =>
    makeMessage({ key: `k${(from + index) % 10}`, value: `{"n":${from + index}}`, headers: [] }),
  );
}

export function readNumber(message: Message): number {
  return (message.body as { n: number }).n;
}

/** Waits until something is so. */
export async function until(condition: () => boolean, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** An engine for tests: keeps what comes, settles it at once unless told to hold. */
export class Receiver implements SourceHandlers {
  readonly received: Message[] = [];
  readonly byLane = new Map<string, Message[]>();
  readonly states: string[] = [];
  readonly causes: string[] = [];
  /** Of the causes, for people. */
  readonly words: string[] = [];
  readonly epochs = new Map<string, number>();
  readonly problems: string[] = [];
  readonly lanesRevoked: string[] = [];
  readonly abort = new AbortController();
  source: OpenSource | undefined;
  settling = true;
  outcome: Outcome = "done";
  /** Lanes that take nothing more after their first chunk. */
  held: (lane: string) => boolean = () => false;
  #release: (() => void)[] = [];

  assigned(lane: string, epoch: number): void {
    if (epoch <= (this.epochs.get(lane) ?? 0)) this.problems.push(`epoch of ${lane} did not grow`);
    this.epochs.set(lane, epoch);
  }

  async deliver(lane: string, epoch: number, messages: readonly Message[]): Promise<void> {
    if (this.epochs.get(lane) !== epoch) this.problems.push(`${lane} delivered under an epoch that it does not have`);
    this.received.push(...messages);
    const ofLane = this.byLane.get(lane) ?? [];
    this.byLane.set(lane, ofLane);
    ofLane.push(...messages);
    if (this.held(lane)) await new Promise<void>((resolve) => this.#release.push(resolve));
    if (this.settling) for (const message of messages) this.settle(message, lane, epoch);
  }

  settle(message: Message, lane = message.meta.lane, epoch = this.epochs.get(lane) ?? 0): void {
    this.source?.settle(lane, epoch, message.meta.position, this.outcome);
  }

  async revoked(lane: string): Promise<void> {
    this.lanesRevoked.push(lane);
    this.letGo();
  }

  state(state: Parameters<SourceHandlers["state"]>[0]): void {
    this.states.push(state.is);
    if (state.is === "running") return;
    this.causes.push(state.cause.code);
    this.words.push(state.cause.message);
  }

  letGo(): void {
    this.held = () => false;
    for (const release of this.#release.splice(0)) release();
  }

  get numbers(): Set<number> {
    return new Set(this.received.map(readNumber));
  }
}

/** What every transport that a source and a sink can stand on must do, on its real broker. */
export function describeConformance(suite: Suite): void {
  describe(`${suite.name} conforms`, () => {
    let subject: Subject;
    let opened: { receiver: Receiver; source: OpenSource }[] = [];

    async function consume(
      place: string,
      receiver = new Receiver(),
      through = subject,
      codec?: Codec,
    ): Promise<Receiver> {
      receiver.source = await through.consume(place, receiver, receiver.abort.signal, codec);
      opened.push({ receiver, source: receiver.source });
      return receiver;
    }

    async function stop(receiver: Receiver): Promise<void> {
      opened = opened.filter((each) => each.receiver !== receiver);
      receiver.abort.abort();
      receiver.letGo();
      await receiver.source?.stop();
    }

    /** A test of what not every broker can: where it cannot, it is reported with the reason. */
    function itCan(ability: Ability, title: string, test: () => Promise<void>): void {
      const reason = suite.cannot?.[ability];
      if (reason === undefined) it(title, test);
      else it.skip(`${title} (cannot: ${reason})`, () => {});
    }

    function expectOrder(messages: readonly Message[]): void {
      const { comparePositions: compare = (a: string, b: string) => Number(a) - Number(b) } = suite;
      const positions = messages.map(({ meta }) => meta.position);
      if (compare) expect(positions).toEqual([...positions].sort(compare));
      const perKey = new Map<string, number>();
      for (const message of messages) {
        const key = decoder.decode(message.key ?? undefined);
        expect(readNumber(message)).toBeGreaterThan(perKey.get(key) ?? -1);
        perKey.set(key, readNumber(message));
      }
    }

    async function write(place: string, messages: readonly Message[], through = subject): Promise<void> {
      const verdicts = await through.write(place, messages, new AbortController().signal);
      expect(verdicts.filter(({ verdict }) => verdict !== "done")).toEqual([]);
    }

    beforeAll(() => {
      subject = suite.open();
    });
    beforeEach(() => {
      opened = [];
    });
    afterEach(async () => {
      for (const { receiver } of opened) await stop(receiver);
    });
    afterAll(() => subject.close());

    it("says what it reached", async () => {
      expect(await subject.transport.test()).toMatch(/\d/);
    });

    it("carries bytes, keys, headers and tombstones unchanged", async () => {
      const place = await subject.makePlace();
      const samples: Sample[] = [
        { key: "k", value: '{ "spaced" : 1.50, "big": 90071992547409931 }', headers: [] },
        { key: null, value: '"ünï ✓"', headers: [["a", "1"]] },
        { key: "", value: "[]", headers: [] },
        { key: "gone", value: null, headers: [] },
        {
          key: "many",
          value: "{}",
          headers: [
            ["a", "1"],
            ["a", "2"],
            ["b", ""],
          ],
        },
      ];
      await write(place, samples.map(makeMessage));
      const receiver = await consume(place);
      await until(() => receiver.received.length >= samples.length);
      const byKey = (a: Sample, b: Sample) => String(a.key).localeCompare(String(b.key));
      expect(receiver.received.map(readMessage).sort(byKey)).toEqual([...samples].sort(byKey));
    });

    it("carries traceparent and bytes that are no text in headers and key", async () => {
      const place = await subject.makePlace();
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const odd = new Uint8Array([0, 255, 254, 128]);
      const message = makeMessage({ key: null, value: "1", headers: [] }).with({
        key: odd,
        headers: [
          ["odd", odd],
          ["traceparent", encoder.encode(traceparent)],
        ],
      });
      await write(place, [message]);
      const receiver = await consume(place);
      await until(() => receiver.received.length === 1);
      const [got] = receiver.received;
      expect([...(got?.key ?? [])]).toEqual([...odd]);
      expect(got?.headers.map(([name, bytes]) => [name, [...bytes]])).toEqual([
        ["odd", [...odd]],
        ["traceparent", [...encoder.encode(traceparent)]],
      ]);
    });

    it("carries bytes that are no text unchanged in the value", async () => {
      const place = await subject.makePlace();
      const value = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
      const meta = { source: "test", lane: "test", position: "0", timestamp: Date.now(), attempt: 1 };
      await write(place, [new Message({ key: null, value, headers: [], meta, codec: bytesCodec })]);
      const receiver = await consume(place, new Receiver(), subject, bytesCodec);
      await until(() => receiver.received.length === 1);
      expect(Buffer.from(receiver.received[0]!.value ?? []).equals(value)).toBe(true);
    });

    it("tells a tombstone from an empty value", async () => {
      const place = await subject.makePlace();
      const samples: Sample[] = [
        { key: "empty", value: '""', headers: [] },
        { key: "gone", value: null, headers: [] },
      ];
      await write(place, samples.map(makeMessage));
      const receiver = await consume(place);
      await until(() => receiver.received.length === 2);
      const byKey = new Map(receiver.received.map((message) => [readMessage(message).key, message.value]));
      expect(byKey.get("gone")).toBeNull();
      expect(byKey.get("empty")).not.toBeNull();
    });

    it("delivers everything, in order within a lane", async () => {
      const place = await subject.makePlace();
      for (let from = 0; from < 6_000; from += 2_000) await write(place, makeNumbered(from, 2_000));
      const receiver = await consume(place);
      await until(() => receiver.received.length >= 6_000);
      expect(receiver.numbers.size).toBe(6_000);
      if (suite.cannot?.order === undefined) for (const messages of receiver.byLane.values()) expectOrder(messages);
      expect(receiver.problems).toEqual([]);
    });

    itCan("count", "tells that nothing waits any more", async () => {
      const place = await subject.makePlace();
      await write(place, makeNumbered(0, 20));
      const receiver = await consume(place);
      await until(() => receiver.received.length === 20);
      const progress = await receiver.source!.progress();
      expect(progress.length).toBeGreaterThan(0);
      expect(progress.every(({ lag }) => lag === 0)).toBe(true);
    });

    it("does not deliver again what was settled, and delivers what was not", async () => {
      const place = await subject.makePlace();
      await write(place, makeNumbered(0, 80));
      const first = new Receiver();
      first.settling = false;
      await consume(place, first);
      await until(() => first.received.length >= 80);
      const settled = new Set<number>();
      for (const messages of first.byLane.values()) {
        for (const message of messages.slice(0, Math.ceil(messages.length / 2))) {
          first.settle(message);
          settled.add(readNumber(message));
        }
      }
      await stop(first);
      const second = await consume(place);
      await until(() => second.received.length >= 80 - settled.size);
      await pause(500);
      const again = second.numbers;
      expect([...again].filter((n) => settled.has(n))).toEqual([]);
      expect(again.size).toBe(80 - settled.size);
    });

    it("ignores a settle under an older epoch", async () => {
      const place = await subject.makePlace();
      await write(place, makeNumbered(0, 5));
      const first = new Receiver();
      first.settling = false;
      await consume(place, first);
      await until(() => first.received.length >= 5);
      for (const message of first.received) {
        first.source?.settle(
          message.meta.lane,
          (first.epochs.get(message.meta.lane) ?? 0) - 1,
          message.meta.position,
          "done",
        );
      }
      await stop(first);
      const second = await consume(place);
      await until(() => second.received.length >= 5);
      expect(second.numbers.size).toBe(5);
    });

    it("holds back when the engine is full, and goes on when it is not", async () => {
      const place = await subject.makePlace();
      for (let from = 0; from < 10_000; from += 2_000) await write(place, makeNumbered(from, 2_000));
      const receiver = new Receiver();
      receiver.held = () => true;
      await consume(place, receiver);
      await until(() => receiver.received.length > 0);
      await pause(2_000);
      const atMost = receiver.byLane.size * 1_000;
      expect(receiver.received.length).toBeLessThanOrEqual(atMost);
      receiver.letGo();
      await until(() => receiver.numbers.size === 10_000);
      expect(receiver.received.length).toBe(10_000);
    });

    it("recovers by itself when its connection breaks, and loses nothing", async () => {
      const proxy = suite.makeProxy();
      await proxy.listen();
      const through = suite.open(proxy);
      try {
        const place = await subject.makePlace();
        const receiver = await consume(place, new Receiver(), through);
        await write(place, makeNumbered(0, 1_000));
        await until(() => receiver.numbers.size >= 500);
        await proxy.cut();
        await write(place, makeNumbered(1_000, 1_000));
        await until(() => receiver.states.at(-1) === "degraded", 15_000);
        expect(receiver.causes).toContain("broker-unreachable");
        await pause(3_000);
        await proxy.listen();
        await until(() => receiver.numbers.size === 2_000, 60_000);
        await until(() => receiver.states.at(-1) === "running");
        expect(receiver.problems).toEqual([]);
        await stop(receiver);
      } finally {
        await through.close();
        await proxy.cut();
      }
    });

    it("opens while its broker is away, and begins when it appears", async () => {
      const proxy = suite.makeProxy();
      await proxy.listen();
      await proxy.cut();
      const through = suite.open(proxy);
      try {
        const place = await subject.makePlace();
        await write(place, makeNumbered(0, 10));
        const receiver = await consume(place, new Receiver(), through);
        await until(() => receiver.states.at(-1) === "degraded", 10_000);
        await proxy.listen();
        await until(() => receiver.numbers.size === 10, 30_000);
        expect(receiver.states.at(-1)).toBe("running");
        await stop(receiver);
      } finally {
        await through.close();
        await proxy.cut();
      }
    });

    it("tells a writer that its broker is away, and writes when it is back", async () => {
      const proxy = suite.makeProxy();
      await proxy.listen();
      const through = suite.open(proxy);
      try {
        const place = await subject.makePlace();
        await write(place, makeNumbered(0, 10), through);
        await proxy.cut();
        const begun = Date.now();
        const verdicts = await through.write(place, makeNumbered(10, 20), new AbortController().signal);
        expect(Date.now() - begun).toBeLessThan(12_000);
        for (const verdict of verdicts) {
          expect(verdict).toMatchObject({ verdict: "retry", of: "dependency", cause: { code: "broker-unreachable" } });
        }
        await proxy.listen();
        await pause(2_500);
        await write(place, makeNumbered(10, 20), through);
        const receiver = await consume(place);
        await until(() => receiver.numbers.size === 30);
      } finally {
        await through.close();
        await proxy.cut();
      }
    });

    it("delivers again what a dead worker had not settled", async () => {
      const proxy = suite.makeProxy();
      await proxy.listen();
      const through = suite.open(proxy);
      try {
        const place = await subject.makePlace();
        await write(place, makeNumbered(0, 50));
        const dying = new Receiver();
        dying.settling = false;
        await consume(place, dying, through);
        await until(() => dying.received.length === 50);
        // Its connection is gone for good: to the broker it is a worker that was killed.
        await proxy.cut();
        const heir = await consume(place);
        await until(() => heir.numbers.size === 50, 60_000);
        expect(heir.problems).toEqual([]);
        // What was in hand comes again in its order, where there is one that is settled up to a position.
        if (suite.settles === "contiguous" && suite.cannot?.order === undefined) {
          for (const messages of heir.byLane.values()) expectOrder(messages);
        }
        await stop(heir);
        await stop(dying);
      } finally {
        await through.close();
      }
    });

    itCan("share", "shares the work among workers, also while one joins and leaves", async () => {
      const place = await subject.makePlace();
      const first = await consume(place);
      await write(place, makeNumbered(0, 100));
      await until(() => first.received.length >= 100);
      const second = await consume(place);
      const seen = () => new Set([...first.numbers, ...second.numbers]);
      let written = 100;
      // A worker that joined has its share as soon as its broker gave it one.
      const end = Date.now() + 20_000;
      while (second.received.length === 0 && Date.now() < end) {
        await write(place, makeNumbered(written, 100));
        written += 100;
        await pause(100);
      }
      expect(second.received.length).toBeGreaterThan(0);
      await stop(second);
      await write(place, makeNumbered(written, 100));
      written += 100;
      await until(() => seen().size === written, 30_000);
      expect([...first.problems, ...second.problems]).toEqual([]);
    });

    itCan("each", "gives each worker all of it, where that is asked for", async () => {
      const place = await subject.makePlace();
      const workers = ["one", "two"].map((worker) => ({ worker, receiver: new Receiver() }));
      for (const { worker, receiver } of workers) {
        receiver.source = await subject.consumeEach!(place, worker, receiver, receiver.abort.signal);
        opened.push({ receiver, source: receiver.source });
      }
      await until(() => workers.every(({ receiver }) => receiver.states.at(-1) === "running"));
      await write(place, makeNumbered(0, 200));
      await until(() => workers.every(({ receiver }) => receiver.numbers.size === 200));
      // What is kept by lane and position must not mix up two workers.
      const [one, two] = workers.map(({ receiver }) => [...receiver.byLane.keys()]);
      expect(one!.filter((lane) => two!.includes(lane))).toEqual([]);
    });

    /** What its connection kind promises, its transport does. */
    const kind = () => findConnectionKind(subject.transport.kind)!;

    it("writes dead letters, where its kind says that it does", async () => {
      expect(subject.transport.forward !== undefined).toBe(kind().deadLettersTo !== undefined);
      if (!subject.transport.forward) return;
      const place = await subject.makePlace();
      const letters = [1, 2].map((n) => {
        const sample = { key: `k${n}`, value: `{"n":${n}}`, headers: [["millrace-error-code", "x"]] as const };
        return { id: `letter-${n}-1`, message: makeMessage(sample) };
      });
      const verdicts = await subject.transport.forward(place, letters, new AbortController().signal);
      expect(verdicts.map(({ verdict }) => verdict)).toEqual(["done", "done"]);
      const receiver = await consume(place);
      await until(() => receiver.received.length === 2);
      expect(receiver.numbers).toEqual(new Set([1, 2]));
      expect(readMessage(receiver.received[0]!).headers).toContainEqual(["millrace-error-code", "x"]);
    });

    it("says how safely it keeps, as its kind reads it", async () => {
      const { describeRest, keepingToldBy = [] } = kind();
      expect(describeRest !== undefined).toBe(keepingToldBy.length > 0);
      if (!describeRest) return;
      const place = await subject.makePlace();
      const [told] = keepingToldBy.includes("places") ? await subject.transport.describe([place]) : [];
      const server = keepingToldBy.includes("server") ? await subject.transport.keeping?.() : undefined;
      for (const role of ["source", "sink"] as const) {
        expect(describeRest.call(kind(), role, { place: told?.keeps, server })).toMatchObject({
          strength: expect.any(String),
        });
      }
    });

    it("makes the places that its kind lets make, once", async () => {
      const { transport } = subject;
      const creatable = kind().places.filter(({ create }) => create);
      expect(transport.createPlace !== undefined).toBe(creatable.length > 0);
      for (const { type, create } of creatable) {
        const name = `test-${randomUUID()}`;
        const options = create!.parse({});
        expect(await transport.createPlace!(type, name, options)).toMatchObject({
          created: true,
          place: { name, type },
        });
        expect(await transport.createPlace!(type, name, options)).toMatchObject({
          created: false,
          place: { name, type },
        });
        expect(await transport.describe([name])).toMatchObject([{ name, type }]);
      }
    });

    it("carries a large message", async () => {
      const place = await subject.makePlace();
      const large = "x".repeat((suite.largeBytes ?? 1_000_000) - 100);
      await write(place, [makeMessage({ key: "large", value: JSON.stringify({ n: 1, large }), headers: [] })]);
      const receiver = await consume(place);
      await until(() => receiver.received.length === 1);
      expect((receiver.received[0]!.body as { large: string }).large.length).toBe(large.length);
    });

    it("stops within seconds and delivers nothing afterwards", async () => {
      const place = await subject.makePlace();
      const receiver = await consume(place);
      await write(place, makeNumbered(0, 10));
      await until(() => receiver.received.length === 10);
      const begun = Date.now();
      await stop(receiver);
      expect(Date.now() - begun).toBeLessThan(5_000);
      await write(place, makeNumbered(10, 10));
      await pause(1_000);
      expect(receiver.received.length).toBe(10);
    });

    it("sends a message as a person typed it", async () => {
      const place = await subject.makePlace();
      const sent = await subject.transport.send(place, {
        key: "k",
        headers: [["h", "v"]],
        value: '{"n":99}',
        encoding: "text",
      });
      expect(sent.lane.startsWith(place)).toBe(true);
      expect(sent.position).not.toBe("");
      const receiver = await consume(place);
      await until(() => receiver.received.length === 1);
      expect(readMessage(receiver.received[0]!)).toEqual({ key: "k", value: '{"n":99}', headers: [["h", "v"]] });
    });

    itCan("newest", "shows the newest messages without taking them", async () => {
      const place = await subject.makePlace();
      await write(place, makeNumbered(0, 30));
      await subject.transport.send(place, { key: "k", headers: [["h", "v"]], value: '{"n":99}', encoding: "text" });
      const begun = Date.now();
      const newest = await subject.transport.newest(place, 10, 5);
      expect(Date.now() - begun).toBeLessThan(1_500);
      expect(newest.length).toBe(10);
      expect(newest[0]).toMatchObject({
        key: "k",
        headers: [["h", "v"]],
        value: '{"n":',
        truncated: true,
        encoding: "text",
      });
      const receiver = await consume(place);
      await until(() => receiver.received.length === 31);
    });

    it("knows the place, and leaves out what is not there", async () => {
      const place = await subject.makePlace();
      await write(place, makeNumbered(0, 31));
      const messages = suite.cannot?.count === undefined ? { messages: 31 } : {};
      expect(await subject.transport.describe([place, `${place}-none`])).toMatchObject([{ name: place, ...messages }]);
    });

    itCan("list", "lists the place", async () => {
      const place = await subject.makePlace();
      await write(place, makeNumbered(0, 31));
      const messages = suite.cannot?.count === undefined ? { messages: 31 } : {};
      const { places } = await subject.transport.places(place, 5);
      expect(places).toMatchObject([{ name: place, ...messages }]);
    });

    if (suite.settles === "individual") {
      it("settles each by itself, in whatever order", async () => {
        const place = await subject.makePlace();
        await write(place, makeNumbered(0, 20));
        const first = new Receiver();
        first.settling = false;
        await consume(place, first);
        await until(() => first.received.length === 20);
        const odd = (message: Message) => readNumber(message) % 2 === 1;
        for (const message of first.received.filter(odd).reverse()) first.settle(message);
        await stop(first);
        const second = await consume(place);
        await until(() => second.numbers.size >= 10);
        await pause(500);
        expect([...second.numbers].filter((n) => n % 2 === 1)).toEqual([]);
      });

      it("gives back what is released, to be worked again at once", async () => {
        const place = await subject.makePlace();
        await write(place, makeNumbered(0, 5));
        const first = new Receiver();
        first.settling = false;
        await consume(place, first);
        await until(() => first.received.length === 5);
        first.abort.abort();
        for (const { meta } of first.received) {
          first.source?.release?.(meta.lane, first.epochs.get(meta.lane) ?? 0, meta.position);
        }
        const second = await consume(place);
        await until(() => second.numbers.size === 5, 5_000);
        await stop(first);
      });
    }
  });
}
