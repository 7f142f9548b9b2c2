import pino from "pino";
import { expect, it } from "vitest";
import type { SourceContext, SourceHandlers } from "../flow/behaviour";
import type { Message } from "../flow/message";
import { type Claim, type Claimed, Redrive, type RedriveStore, redriveLane, type StoredLetter } from "./redrive";

/** Behaves as the table does: what is `sending` is claimed again unless its worker says that it has it in hand. */
class MemoryLetters implements RedriveStore {
  readonly states = new Map<string, "queued" | "sending" | "sent">();
  /** Holds up the next `markSent`, as a slow database does. */
  hold: Promise<void> | undefined;

  async claim({ inHand, limit }: Claim): Promise<Claimed> {
    const free = [...this.states].filter(
      ([id, state]) => state === "queued" || (state === "sending" && !inHand.includes(id)),
    );
    const letters = free.slice(0, limit).map(([id]) => {
      this.states.set(id, "sending");
      return makeLetter(id);
    });
    return { letters };
  }

  async markSent(ids: readonly string[]): Promise<void> {
    await this.hold;
    for (const id of ids) this.states.set(id, "sent");
  }

  async handBack(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.states.set(id, "queued");
  }

  async refuse(): Promise<void> {}
}

function makeLetter(id: string): StoredLetter {
  return {
    id,
    node: "check",
    version: 1,
    cause: { code: "expression-failed", message: "No such key." },
    source: "orders",
    lane: "orders/0",
    position: id,
    part: "0",
    key: null,
    value: new TextEncoder().encode("{}"),
    headers: [],
    codec: "json",
    attempts: 1,
    timestamp: 0,
    target: "node",
  };
}

it("sends a letter once, though it ends while the end of another is being written", async () => {
  const store = new MemoryLetters();
  store.states.set("first", "queued").set("second", "queued");
  const redrive = new Redrive({
    store,
    environment: "default",
    flowId: "flow",
    log: pino({ level: "silent" }),
    pipeline: () => {
      throw new Error("Nothing begins here.");
    },
  });
  const delivered: string[] = [];
  const handlers = {
    assigned: () => {},
    deliver: async (_lane: string, _epoch: number, messages: readonly Message[]) => {
      delivered.push(...messages.map(({ meta }) => meta.position));
    },
  } as unknown as SourceHandlers;
  const source = await redrive.behaviour.open(undefined as never, {} as SourceContext, handlers);
  await expect.poll(() => delivered).toEqual(["first", "second"]);

  let goOn = () => {};
  store.hold = new Promise((resolve) => {
    goOn = resolve;
  });
  source.settle(redriveLane, 1, "first", "done");
  await new Promise((resolve) => setTimeout(resolve, 20));
  source.settle(redriveLane, 1, "second", "done");
  store.hold = undefined;
  goOn();
  await expect.poll(() => [...store.states.values()]).toEqual(["sent", "sent"]);
  await source.stop();
  expect(delivered).toEqual(["first", "second"]);
});

it.each(["node", "source"] as const)(
  "sends to its %s what a person made of it, with the key of that place",
  async (target) => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const original = { key: bytes("from-source"), value: bytes("came"), headers: [] };
    const letter: StoredLetter = { ...makeLetter("1"), part: "0.1", key: bytes("at-node"), target, original };
    const store = new MemoryLetters();
    const redrive = new Redrive({
      store,
      environment: "default",
      flowId: "flow",
      log: pino({ level: "silent" }),
      pipeline: () => {
        throw new Error("Nothing begins here.");
      },
    });
    const edited = { ...letter, edited: { target, value: bytes("mended") } };
    store.claim = async ({ inHand }) => ({ letters: inHand.length > 0 ? [] : [edited] });
    const delivered: Message[] = [];
    const handlers = {
      assigned: () => {},
      deliver: async (_lane: string, _epoch: number, messages: Message[]) => void delivered.push(...messages),
    };
    await redrive.behaviour.open({} as never, {} as SourceContext, handlers as unknown as SourceHandlers);
    await expect.poll(() => delivered.length).toBe(1);
    await redrive.stop();
    const text = (sent: Uint8Array | null) => new TextDecoder().decode(sent ?? undefined);
    expect([text(delivered[0]!.key), text(delivered[0]!.value)]).toEqual([
      target === "node" ? "at-node" : "from-source",
      "mended",
    ]);
    // The place by which it is known: sinks and receivers take it for the message that it was.
    expect(delivered[0]!.meta.origin).toEqual({
      lane: "orders/0",
      position: "1",
      part: target === "node" ? "0.1" : "0",
      resent: true,
    });
  },
);

it("refuses what would have to come from a source that the version does not have", async () => {
  const store = new MemoryLetters();
  const refused: string[] = [];
  store.refuse = async (ids?: readonly string[]) => void refused.push(...(ids ?? []));
  const letter: StoredLetter = { ...makeLetter("1"), source: "order", lane: "saga", target: "source" };
  let isClaimed = false;
  store.claim = async () => {
    const letters = isClaimed ? [] : [letter];
    isClaimed = true;
    return { letters };
  };
  const begun: (string | null)[] = [];
  const pipeline = { has: () => true, isSource: () => false, beginAgain: (node: string | null) => begun.push(node) };
  const redrive = new Redrive({
    store,
    environment: "default",
    flowId: "flow",
    log: pino({ level: "silent" }),
    pipeline: () => pipeline as never,
  });
  const handlers = {
    assigned: () => {},
    deliver: async (lane: string, epoch: number, messages: Message[]) => {
      redrive.begin(messages);
      redrive.settle(lane, epoch, messages[0]!.meta.position, "dropped");
    },
  };
  await redrive.behaviour.open({} as never, {} as SourceContext, handlers as unknown as SourceHandlers);
  await expect.poll(() => refused).toEqual(["1"]);
  expect(begun).toEqual([null]);
  await redrive.stop();
});
