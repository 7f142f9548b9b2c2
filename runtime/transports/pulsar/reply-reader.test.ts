import { expect, it, vi } from "vitest";
import { TransportError } from "../../transport";
import { formatMessageId, writeMessageId } from "./message-id";
import { ReplyReader } from "./reply-reader";
import type { MessageId, PulsarClient, ReaderEvents } from "./seam";

const topic = { tenant: "public", namespace: "default", name: "replies" };
const away = { code: "broker-unreachable", message: "Away." } as const;

/** A Pulsar whose reply topic has so many partitions, absent: there is none. */
function makePulsar(partitions?: number) {
  const readers: { name: string; after: string; events: ReaderEvents; close: () => Promise<void> }[] = [];
  const made: string[] = [];
  let refuses: (name: string) => boolean = () => false;
  const admin = {
    partitions: async () => partitions,
    createTopic: async ({ name }: typeof topic) => {
      made.push(name);
      partitions = 0;
      return true;
    },
    ledgers: async () => [
      { ledger: 4n, entries: 9 },
      { ledger: 7n, entries: 0 },
    ],
  };
  const openReader = async ({ name }: typeof topic, after: MessageId, events: ReaderEvents) => {
    if (refuses(name)) throw new TransportError(away);
    const close = vi.fn(async () => {});
    readers.push({ name, after: formatMessageId(after), events, close });
    return { waiting: () => undefined, close };
  };
  const taken: (string | undefined)[] = [];
  const client = { address: "ws://here", admin, openReader } as unknown as PulsarClient;
  const reader = new ReplyReader(client, topic, (id) => void taken.push(id));
  const refuse = (which: typeof refuses) => {
    refuses = which;
  };
  return { reader, readers, made, taken, refuse };
}

const answer = (entry: bigint, id: string) => ({
  messageId: writeMessageId({ ledger: 7n, entry, partition: -1 }),
  payload: "e30=",
  properties: { "correlation-id": id },
  publishTime: "2026-01-31T12:00:00Z",
});

it("makes its topic where there is none, and reads from the end, once", async () => {
  const { reader, readers, made, taken } = makePulsar();
  await Promise.all([reader.ready(), reader.ready()]);
  expect(made).toEqual(["replies"]);
  expect(readers.map(({ name, after }) => `${name} ${after}`)).toEqual(["replies 7:-1:-1"]);
  readers[0]!.events.received(answer(0n, "r-1"));
  expect(taken).toEqual(["r-1"]);
  await reader.close();
  expect(readers[0]!.close).toHaveBeenCalled();
});

it("goes on behind what came last, where a connection breaks", async () => {
  const { reader, readers, refuse } = makePulsar(0);
  await reader.ready();
  refuse(() => true);
  readers[0]!.events.closed({ cause: away });
  refuse(() => false);
  await expect.poll(() => readers.length, { timeout: 5_000 }).toBe(2);
  // Nothing had come: from the same place, so that nothing is passed over.
  expect(readers[1]!.after).toBe("7:-1:-1");
  readers[1]!.events.received(answer(3n, "r-1"));
  readers[1]!.events.closed({ cause: away });
  await expect.poll(() => readers.length, { timeout: 5_000 }).toBe(3);
  expect(readers[2]!.after).toBe("7:3:-1");
  await reader.close();
});

it("leaves all partitions when one cannot be read, and begins anew when it is asked again", async () => {
  const { reader, readers, refuse } = makePulsar(3);
  refuse((name) => name.endsWith("1"));
  await expect(reader.ready()).rejects.toThrow("Away.");
  expect(readers).toHaveLength(2);
  for (const { close } of readers) expect(close).toHaveBeenCalled();
  refuse(() => false);
  await reader.ready();
  expect(readers.slice(2).map(({ name, after }) => `${name} ${after}`)).toEqual(
    [0, 1, 2].map((n) => `replies-partition-${n} 7:-1:${n}`),
  );
  await reader.close();
});
