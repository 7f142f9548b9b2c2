import { describe, expect, it } from "vitest";
import type { Compression, KafkaRecord } from "../../../flow/connection-ports";
import type { Verdict } from "../../../flow/verdict";
import { PartitionQueue } from "./partition-queue";

const never = new AbortController().signal;

function makeRecord(n: number, size = 10): KafkaRecord {
  return { topic: "t", key: null, value: new TextEncoder().encode(`${n}`.padEnd(size)), headers: [] };
}

function makeRecords(from: number, count: number): KafkaRecord[] {
  return Array.from({ length: count }, (_, index) => makeRecord(from + index));
}

function readNumbers(records: readonly KafkaRecord[]): number[] {
  return records.map(({ value }) => Number(new TextDecoder().decode(value!)));
}

/** A broker in memory: keeps what it took, in order; fails as told. */
class Broker {
  readonly log: number[] = [];
  readonly requests: number[] = [];
  readonly compressions: Compression[] = [];
  inFlight = 0;
  mostInFlight = 0;
  failures: (Error | undefined)[] = [];
  refuses: (n: number) => string | undefined = () => undefined;

  readonly send = async (records: readonly KafkaRecord[], compression: Compression): Promise<number> => {
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.inFlight--;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const numbers = readNumbers(records);
    const refusal = numbers.map(this.refuses).find((type) => type !== undefined);
    if (refusal !== undefined) throw Object.assign(new Error("refused"), { type: refusal });
    this.requests.push(numbers.length);
    this.compressions.push(compression);
    this.log.push(...numbers);
    return this.log.length - numbers.length;
  };
}

function open(broker: Broker): PartitionQueue {
  return new PartitionQueue("t", 0, broker.send, () => ({ code: "broker-unreachable", message: "away" }));
}

function add(queue: PartitionQueue, records: readonly KafkaRecord[], signal = never): Promise<Verdict[]> {
  return queue.add(records, "none", signal);
}

describe("PartitionQueue", () => {
  it("gives back what only bears a time that its clock got wrong, and refuses what brought a wrong one", async () => {
    const broker = new Broker();
    broker.refuses = (n) => (n === 1 ? "INVALID_TIMESTAMP" : undefined);
    const queue = open(broker);
    const verdicts = await add(queue, makeRecords(0, 3));
    expect(verdicts).toMatchObject(
      [0, 1, 2].map(() => ({ verdict: "retry", of: "dependency", cause: { code: "clock-wrong" } })),
    );
    // What comes before it is done with giving back is given back, too.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const dated = makeRecords(0, 3).map((record) => ({ ...record, timestamp: 1 }));
    expect(await add(queue, dated)).toMatchObject([
      { verdict: "done" },
      { verdict: "reject", cause: { code: "broker-refused" } },
      { verdict: "done" },
    ]);
  });

  it("has one request in flight, and puts together what waits meanwhile", async () => {
    const broker = new Broker();
    const queue = open(broker);
    const early = [add(queue, makeRecords(0, 3)), add(queue, makeRecords(3, 2))];
    await new Promise((resolve) => setTimeout(resolve, 0));
    const late = Array.from({ length: 5 }, (_, n) => add(queue, makeRecords(5 + n, 1)));
    const verdicts = (await Promise.all([...early, ...late])).flat();
    expect(broker.log).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(broker.requests).toEqual([5, 5]);
    expect(broker.mostInFlight).toBe(1);
    expect(verdicts[7]!.note).toEqual({ topic: "t", partition: 0, offset: 7 });
  });

  it("tries the same batch again before the next", async () => {
    const broker = new Broker();
    broker.failures = [new Error("broke"), new Error("broke")];
    const queue = open(broker);
    const early = add(queue, makeRecords(0, 2));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const late = add(queue, makeRecords(2, 1));
    await Promise.all([early, late]);
    expect(broker.log).toEqual([0, 1, 2]);
  });

  it("keeps requests below what a broker takes, wherever calls begin and end", async () => {
    const broker = new Broker();
    const queue = open(broker);
    const large = (n: number, size = 400_000) => makeRecord(n, size);
    const calls = [[large(0), large(1), large(2)], [large(3, 2_000_000)], [large(4), large(5, 10)], [large(6, 10)]];
    const verdicts = await Promise.all(calls.map((records) => add(queue, records)));
    expect(broker.requests).toEqual([2, 1, 1, 3]);
    expect(broker.log).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(verdicts.map((ofCall) => ofCall.map((verdict) => verdict.note?.offset))).toEqual([
      [0, 1, 2],
      [3],
      [4, 5],
      [6],
    ]);
  });

  it("puts together only what is compressed alike, in order", async () => {
    const broker = new Broker();
    const queue = open(broker);
    const kinds: Compression[] = ["none", "none", "gzip", "none"];
    await Promise.all(kinds.map((compression, n) => queue.add([makeRecord(n)], compression, never)));
    expect(broker.log).toEqual([0, 1, 2, 3]);
    expect(broker.compressions).toEqual(["none", "gzip", "none"]);
  });

  it("refuses only the record that the broker refuses", async () => {
    const broker = new Broker();
    broker.refuses = (n) => (n === 3 ? "MESSAGE_TOO_LARGE" : n === 5 ? "INVALID_RECORD" : undefined);
    const queue = open(broker);
    const verdicts = (await Promise.all([add(queue, makeRecords(0, 4)), add(queue, makeRecords(4, 4))])).flat();
    expect(broker.log).toEqual([0, 1, 2, 4, 6, 7]);
    expect(verdicts.map(({ verdict }) => verdict === "done")).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
      true,
      true,
    ]);
    expect(verdicts[3]).toMatchObject({ verdict: "reject", cause: { code: "message-too-large" } });
    expect(verdicts[5]).toMatchObject({ verdict: "reject", cause: { code: "broker-refused" } });
  });

  it("gives back what waits behind a batch that it gives back, so that nothing overtakes", async () => {
    const broker = new Broker();
    broker.failures = Array.from({ length: 5 }, () => new Error("broke"));
    const stopping = new AbortController();
    const queue = open(broker);
    const early = add(queue, makeRecords(0, 2), stopping.signal);
    await new Promise((resolve) => setTimeout(resolve, 0));
    const late = add(queue, makeRecords(2, 2));
    stopping.abort();
    const retry = { verdict: "retry", of: "dependency", cause: { code: "broker-unreachable" } };
    expect(await early).toMatchObject([retry, retry]);
    expect(await late).toMatchObject([retry, retry]);
    expect(broker.log).toEqual([]);
  });

  it("gives back the rest of a call when a batch of it is given back", async () => {
    const broker = new Broker();
    broker.failures = [
      undefined,
      Object.assign(new Error("refused"), { type: "TOPIC_AUTHORIZATION_FAILED" }),
    ] as Error[];
    const queue = new PartitionQueue("t", 0, broker.send, () => ({ code: "broker-refused", message: "no" }));
    const verdicts = await add(queue, [makeRecord(0, 500_000), makeRecord(1, 500_000), makeRecord(2, 500_000)]);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["done", "retry", "retry"]);
    expect(broker.log).toEqual([0]);
  });
});
