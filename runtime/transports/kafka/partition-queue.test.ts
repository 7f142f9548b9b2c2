import type { Message } from "kafkajs";
import { describe, expect, it } from "vitest";
import type { KafkaRecord } from "../../../flow/connection-ports";
import { PartitionQueue } from "./partition-queue";

const never = new AbortController().signal;

function makeRecord(n: number, size = 10): KafkaRecord {
  return { topic: "t", key: null, value: new TextEncoder().encode(`${n}`.padEnd(size)), headers: [] };
}

function readNumbers(messages: readonly Message[]): number[] {
  return messages.map(({ value }) => Number(String(value).trim()));
}

/** A broker in memory: keeps what it took, in order; fails as told. */
class Broker {
  readonly log: number[] = [];
  readonly requests: number[] = [];
  inFlight = 0;
  mostInFlight = 0;
  failures: (Error | undefined)[] = [];
  refuses: (n: number) => string | undefined = () => undefined;

  readonly send = async (_topic: string, messages: readonly Message[]): Promise<number> => {
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.inFlight--;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const numbers = readNumbers(messages);
    const refusal = numbers.map(this.refuses).find((type) => type !== undefined);
    if (refusal !== undefined) throw Object.assign(new Error("refused"), { type: refusal });
    this.requests.push(numbers.length);
    this.log.push(...numbers);
    return this.log.length - numbers.length;
  };
}

function open(broker: Broker): PartitionQueue {
  return new PartitionQueue("t", 0, broker.send, () => ({ code: "broker-unreachable", message: "away" }));
}

describe("PartitionQueue", () => {
  it("has one request in flight, and puts together what waits meanwhile", async () => {
    const broker = new Broker();
    const queue = open(broker);
    const early = Array.from({ length: 5 }, (_, n) => queue.add(makeRecord(n), never));
    await new Promise((resolve) => setTimeout(resolve, 0));
    const late = Array.from({ length: 5 }, (_, n) => queue.add(makeRecord(5 + n), never));
    const verdicts = await Promise.all([...early, ...late]);
    expect(broker.log).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(broker.requests).toEqual([5, 5]);
    expect(broker.mostInFlight).toBe(1);
    expect(verdicts[7]).toEqual({ verdict: "done", note: { partition: 0, offset: 7 } });
  });

  it("tries the same batch again before the next", async () => {
    const broker = new Broker();
    broker.failures = [new Error("broke"), new Error("broke")];
    const queue = open(broker);
    const early = [queue.add(makeRecord(0), never), queue.add(makeRecord(1), never)];
    await new Promise((resolve) => setTimeout(resolve, 20));
    const late = queue.add(makeRecord(2), never);
    await Promise.all([...early, late]);
    expect(broker.log).toEqual([0, 1, 2]);
  });

  it("keeps requests below what a broker takes", async () => {
    const broker = new Broker();
    const queue = open(broker);
    await Promise.all(Array.from({ length: 10_000 }, (_, n) => queue.add(makeRecord(n), never)));
    expect(Math.max(...broker.requests)).toBeLessThanOrEqual(4_000);
    broker.requests.length = 0;
    await Promise.all(Array.from({ length: 5 }, (_, n) => queue.add(makeRecord(n, 400_000), never)));
    expect(broker.requests).toEqual([2, 2, 1]);
  });

  it("refuses only the record that the broker refuses", async () => {
    const broker = new Broker();
    broker.refuses = (n) => (n === 3 ? "MESSAGE_TOO_LARGE" : n === 5 ? "INVALID_RECORD" : undefined);
    const queue = open(broker);
    const verdicts = await Promise.all(Array.from({ length: 8 }, (_, n) => queue.add(makeRecord(n), never)));
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
    const early = queue.add(makeRecord(0), stopping.signal);
    await new Promise((resolve) => setTimeout(resolve, 0));
    const late = queue.add(makeRecord(1), never);
    stopping.abort();
    const retry = { verdict: "retry", of: "dependency", cause: { code: "broker-unreachable" } };
    expect(await early).toMatchObject(retry);
    expect(await late).toMatchObject(retry);
    expect(broker.log).toEqual([]);
  });
});
