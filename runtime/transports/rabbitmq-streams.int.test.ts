import { randomUUID } from "node:crypto";
import { Connection } from "rabbitmq-client";
import { afterAll, describe, expect, it } from "vitest";
import { jsonCodec } from "../../flow/codecs/json";
import type { RabbitStreamOptions } from "../../flow/connections/rabbitmq-port";
import { ownNameOf } from "../../flow/distribution";
import { describeConformance, makeNumbered, pause, Receiver, readNumber, type Subject, until } from "./conformance";
import { makeRabbitProxy, openTestRabbit, rabbitmqUrl, toRabbit } from "./rabbitmq-samples";
import type { TcpProxy } from "./tcp-proxy";

const plain = new Connection(rabbitmqUrl);
plain.on("error", () => {});
const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await plain.close();
});

async function makeStream(settings: Record<string, unknown> = {}, name = `s-${randomUUID()}`): Promise<string> {
  await plain.queueDeclare({ queue: name, durable: true, arguments: { "x-queue-type": "stream", ...settings } });
  return name;
}

function optionsFor(stream: string, signal: AbortSignal, more: Partial<RabbitStreamOptions> = {}): RabbitStreamOptions {
  return {
    node: "in",
    stream: { name: stream },
    reader: "test.reader",
    ownName: "",
    fallback: "earliest",
    start: { from: "kind" },
    onGap: "halt",
    prefetch: 250,
    codec: jsonCodec,
    signal,
    ...more,
  };
}

function openSubject(proxy?: TcpProxy) {
  const transport = openTestRabbit(proxy);
  const publisher = transport.port.publisher({ node: "out", isFixed: true });
  const subject: Subject = {
    transport,
    makePlace: () => makeStream(),
    consume: (stream, handlers, signal) => transport.port.readStream(optionsFor(stream, signal), handlers),
    consumeEach: (stream, worker, handlers, signal) =>
      transport.port.readStream(
        optionsFor(stream, signal, { ownName: ownNameOf("each", worker), fallback: "latest" }),
        handlers,
      ),
    write: (stream, messages, signal) =>
      publisher.publish(
        messages.map((message) => toRabbit(message, stream)),
        signal,
      ),
    close: async () => {
      await publisher.close();
      await transport.close();
    },
  };
  return { ...subject, transport };
}

describeConformance({
  name: "rabbitmq streams",
  settles: "contiguous",
  cannot: {
    share: "a stream is read by one worker at a time",
    count: "RabbitMQ counts the messages of a stream some seconds late; what waits is tested below",
  },
  makeProxy: makeRabbitProxy,
  open: openSubject,
});

describe("a stream", () => {
  const subject = openSubject();
  closing.push(() => subject.close());

  async function read(
    stream: string,
    more: Partial<RabbitStreamOptions> = {},
    receiver = new Receiver(),
    through = subject,
  ): Promise<Receiver> {
    const { signal } = receiver.abort;
    receiver.source = await through.transport.port.readStream(optionsFor(stream, signal, more), receiver);
    closing.push(() => stop(receiver));
    return receiver;
  }

  async function stop(receiver: Receiver): Promise<void> {
    receiver.abort.abort();
    await receiver.source?.stop();
    receiver.source = undefined;
  }

  async function write(stream: string, from: number, count: number): Promise<void> {
    const verdicts = await subject.write(stream, makeNumbered(from, count), new AbortController().signal);
    expect(verdicts.filter(({ verdict }) => verdict !== "done")).toEqual([]);
  }

  const numbersOf = ({ received }: Receiver) => received.map(readNumber);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
  const placeOf = (stream: string) => `test.reader.offset.${stream}`;

  it("has offsets as positions, tells how many wait, and where its reader is", async () => {
    const stream = await makeStream();
    await write(stream, 0, 20);
    const receiver = await read(stream);
    await until(() => receiver.received.length === 20);
    expect(receiver.received.map(({ meta }) => meta.position)).toEqual(range(0, 20).map(String));
    expect(await receiver.source?.progress()).toEqual([{ lane: stream, position: "19", lag: 0 }]);
    receiver.settling = false;
    await write(stream, 20, 5);
    await until(() => receiver.received.length === 25);
    expect(await receiver.source?.progress()).toEqual([{ lane: stream, position: "19", lag: 5 }]);
    await stop(receiver);
    await write(stream, 25, 2);
    expect(await subject.transport.waiting?.(stream, "test.reader")).toBe(7);
    const [newest] = await subject.transport.newest(placeOf(stream), 1, 1_000);
    expect(JSON.parse(newest?.value ?? "")).toMatchObject({ settled: 19 });
  });

  it("is read by one worker at a time, the next of which goes on where the one before ended", async () => {
    const stream = await makeStream();
    const other = openSubject();
    closing.push(() => other.close());
    await write(stream, 0, 100);
    const first = await read(stream);
    await until(() => first.received.length === 100);
    const second = await read(stream, {}, new Receiver(), other);
    await pause(1_500);
    expect(second.received).toEqual([]);
    expect(second.states.at(-1)).toBe("running");
    await stop(first);
    await write(stream, 100, 50);
    await until(() => second.received.length >= 50);
    expect(numbersOf(second)).toEqual(range(100, 150));
  });

  it("begins at its end, at an offset or at a time, and stays there over a stop in which nothing was settled", async () => {
    const stream = await makeStream();
    await write(stream, 0, 30);
    const atOffset = await read(stream, { reader: "by.offset", fallback: 12 });
    await until(() => atOffset.received.length === 18);
    expect(numbersOf(atOffset)).toEqual(range(12, 30));
    const early = await read(stream, { reader: "by.time", start: { from: "time", at: Date.now() - 600_000 } });
    await until(() => early.received.length === 30);
    const later = await read(stream, { reader: "later", fallback: 1_000_000 });
    const atEnd = await read(stream, { reader: "by.end", fallback: "latest" });
    await until(() => atEnd.states.at(-1) === "running");
    await stop(atEnd);
    await write(stream, 30, 10);
    const again = await read(stream, { reader: "by.end", fallback: "latest" });
    await until(() => again.received.length === 10);
    expect(numbersOf(again)).toEqual(range(30, 40));
    expect(later.received).toEqual([]);
  });

  /** In segments of 64 KB, of which the last few stay. */
  const small = { "x-max-length-bytes": 200_000, "x-stream-max-segment-size-bytes": 64_000 };

  async function fill(stream: string, from: number, count: number): Promise<void> {
    const padding = "x".repeat(1_000);
    const channel = await plain.acquire();
    await channel.confirmSelect();
    const publish = (n: number) => channel.basicPublish({ routingKey: stream, durable: true }, { n, padding });
    for (let n = from; n < from + count; n += 50)
      await Promise.all(range(n, Math.min(n + 50, from + count)).map(publish));
    await channel.close();
  }

  it("that lost messages to retention is not read on until a person has said how", async () => {
    for (const settling of [true, false]) {
      const stream = await makeStream(small);
      await fill(stream, 0, 10);
      const before = new Receiver();
      before.settling = settling;
      await read(stream, {}, before);
      await until(() => before.received.length === 10);
      await stop(before);
      await fill(stream, 10, 1_500);
      const halted = await read(stream);
      await until(() => halted.states.at(-1) === "halted", 15_000);
      expect(halted.causes.at(-1)).toBe("position-gone");
      const next = settling ? 10 : 0;
      const words = new RegExp(`\\d+ messages of .* were removed before they were read, from offset ${next} on`);
      expect(halted.words.at(-1)).toMatch(words);
      expect(halted.received).toEqual([]);
      await stop(halted);
      const goesOn = await read(stream, { onGap: "earliest" });
      await until(() => numbersOf(goesOn).at(-1) === 1_509, 15_000);
      const [first = 0] = numbersOf(goesOn);
      expect(first).toBeGreaterThan(10);
      expect(numbersOf(goesOn)).toEqual(range(first, 1_510));
    }
  });

  it("that was made anew is told from the one that it was, whether shorter or longer by now", async () => {
    for (const count of [5, 40]) {
      const stream = await makeStream();
      await write(stream, 0, 20);
      const before = await read(stream);
      await until(() => before.received.length === 20);
      await stop(before);
      await plain.queueDelete({ queue: stream });
      await makeStream({}, stream);
      await write(stream, 1_000, count);
      const halted = await read(stream);
      await until(() => halted.states.at(-1) === "halted", 20_000);
      expect(halted.words.at(-1)).toContain("made anew");
      expect(halted.received).toEqual([]);
      await stop(halted);
      const goesOn = await read(stream, { onGap: "earliest" });
      await until(() => goesOn.received.length === count, 20_000);
      expect(numbersOf(goesOn)).toEqual(range(1_000, 1_000 + count));
      await stop(goesOn);
      const settled = await read(stream);
      await write(stream, 2_000, 1);
      await until(() => settled.received.length > 0);
      expect(numbersOf(settled)).toEqual([2_000]);
    }
  });

  it("goes on from the memory of its reader when the place is deleted, and halts where it is not understood", async () => {
    const stream = await makeStream();
    await write(stream, 0, 10);
    const receiver = await read(stream);
    await until(() => receiver.received.length === 10);
    await pause(300);
    await plain.queueDelete({ queue: placeOf(stream) });
    await write(stream, 10, 10);
    await until(() => receiver.received.length >= 20);
    await until(() => receiver.states.at(-1) === "running");
    await write(stream, 20, 10);
    await until(() => receiver.numbers.size === 30);
    expect(receiver.numbers).toEqual(new Set(range(0, 30)));
    await stop(receiver);
    await write(placeOf(stream), 0, 1);
    const halted = await read(stream);
    await until(() => halted.states.at(-1) === "halted");
    expect(halted.words.at(-1)).toContain("is not understood");
    await stop(halted);
    await write(placeOf(stream), 1, 1);
    const publisher = subject.transport.port.publisher({ node: "person", isFixed: true });
    const moved = { ...toRabbit(makeNumbered(0, 1)[0]!, placeOf(stream)), value: Buffer.from('{"settled":26}') };
    await publisher.publish([moved], new AbortController().signal);
    await publisher.close();
    const again = await read(stream);
    await until(() => again.received.length >= 3);
    expect(numbersOf(again)).toEqual([27, 28, 29]);
  });

  it("is told from a queue, of which nothing is taken", async () => {
    const queue = `q-${randomUUID()}`;
    await plain.queueDeclare({ queue, durable: true });
    await write(queue, 0, 3);
    const receiver = await read(queue);
    await until(() => receiver.causes.includes("declared-otherwise"));
    expect(receiver.words.at(-1)).toContain("*RabbitMQ queue*");
    expect(receiver.received).toEqual([]);
    await stop(receiver);
    await until(() => receiver.source === undefined);
    await pause(200);
    expect((await plain.queueDeclare({ queue, passive: true })).messageCount).toBe(3);
  });
});
