import { afterEach, expect, it } from "vitest";
import { type Header, headerText } from "../flow/message";
import { done, rejected, retryDependency, type Verdict } from "../flow/verdict";
import type { ForwardLetter } from "./forwarded-letter";
import { makeForwarded } from "./forwarded-letter";
import { Forwarding } from "./forwarding";
import type { Destination, ForwardStore } from "./stores/forwards";
import type { LeaseStore } from "./stores/leases";
import { eventually, silent } from "./testing";
import { type ForwardedLetter, type Transport, TransportError } from "./transport";

function makeLetter(id: string, change: Partial<ForwardLetter> = {}): ForwardLetter {
  return {
    id,
    flow: "orders",
    node: "call",
    version: 2,
    cause: { code: "http-status", message: "The endpoint answered 422." },
    source: "in",
    lane: "orders/0",
    position: id,
    part: "0",
    key: null,
    value: new TextEncoder().encode("{}"),
    headers: [["shop", new TextEncoder().encode("north")]],
    codec: "json",
    timestamp: 0,
    attempts: 3,
    target: "node",
    failedAt: "2026-11-26T10:00:00.000Z",
    ...change,
  };
}

/** What is due, in memory, as the table has it. */
class MemoryForwards implements ForwardStore {
  readonly due: { letter: ForwardLetter; to: string }[] = [];
  readonly forwarded: string[] = [];
  readonly refused: [string, string][] = [];
  readonly causes: [string, string][] = [];

  async destinations(): Promise<Destination[]> {
    const places = new Set(this.due.map(({ to }) => to));
    return [...places].map((to) => ({ flowId: "flow-1", connection: "kafka", to }));
  }
  async read(_environment: string, { to }: Destination): Promise<ForwardLetter[]> {
    return this.due.filter((each) => each.to === to).map(({ letter }) => letter);
  }
  async markForwarded(letters: readonly ForwardLetter[]): Promise<void> {
    for (const letter of letters) {
      this.#end(letter);
      this.forwarded.push(letter.id);
    }
  }
  async refuse(letter: ForwardLetter, words: string): Promise<void> {
    this.#end(letter);
    this.refused.push([letter.id, words]);
  }
  async noteCause({ id }: ForwardLetter, words: string): Promise<void> {
    this.causes.push([id, words]);
  }
  #end(letter: ForwardLetter): void {
    this.due.splice(
      this.due.findIndex((each) => each.letter === letter),
      1,
    );
  }
}

const leases: LeaseStore = {
  acquire: async () => ({ epoch: 1n, counter: 0n }),
  renew: async () => true,
  release: async () => {},
};

let forwarding: Forwarding | undefined;
afterEach(() => forwarding?.stop());

interface Written {
  readonly to: string;
  readonly headers: readonly Header[];
}

function open(write: (letter: Written) => Verdict, acquire?: () => never) {
  const store = new MemoryForwards();
  const records: Written[] = [];
  const forward = async (to: string, letters: readonly ForwardedLetter[]) => {
    const batch = letters.map(({ message }) => ({ to, headers: message.headers }));
    records.push(...batch);
    return batch.map(write);
  };
  const transport = { kind: "kafka", forward } as unknown as Transport;
  const connections = {
    loaded: true,
    acquire: acquire ?? (() => ({ transport, fingerprint: "", release: () => {} })),
  };
  forwarding = new Forwarding({ store, leases, connections, environment: "default", log: silent });
  return { store, records, start: () => forwarding!.start() };
}

it("writes what is due in its order, with the message's own headers and what became of it", async () => {
  const { store, records, start } = open(() => done);
  for (const id of ["1", "2", "3"]) store.due.push({ letter: makeLetter(id), to: "dead" });
  start();
  await eventually(() => store.forwarded.length === 3);
  expect(store.forwarded).toEqual(["1", "2", "3"]);
  const { to, headers } = records[0]!;
  expect([to, headerText(headers, "shop"), headerText(headers, "millrace-dead-letter-id")]).toEqual([
    "dead",
    "north",
    "1",
  ]);
});

it("tries a place that is away again, says why once, and another place does not wait for it", async () => {
  let away = true;
  const { store, start } = open(({ to }) =>
    to === "away" && away ? retryDependency("topic-missing", "The topic away does not exist.") : done,
  );
  for (const id of ["1", "2"]) store.due.push({ letter: makeLetter(id), to: "away" });
  store.due.push({ letter: makeLetter("3"), to: "there" });
  start();
  await eventually(() => store.causes.length > 0 && store.forwarded.includes("3"));
  expect(store.causes[0]).toEqual(["1", "The topic away does not exist."]);
  expect(store.due.map(({ letter }) => letter.id)).toEqual(["1", "2"]);
  away = false;
  await eventually(() => store.due.length === 0);
  expect(store.forwarded).toEqual(["3", "1", "2"]);
});

it("gives up on one that the place never takes, and goes on with the others", async () => {
  const { store, start } = open(({ headers }) =>
    headerText(headers, "millrace-position") === "1" ? rejected("message-too-large", "It is too large.") : done,
  );
  for (const id of ["1", "2"]) store.due.push({ letter: makeLetter(id), to: "dead" });
  start();
  await eventually(() => store.due.length === 0);
  expect([store.forwarded, store.refused]).toEqual([["2"], [["1", "It is too large."]]]);
});

it("waits for a connection that does not exist", async () => {
  const { store, start } = open(
    () => done,
    () => {
      throw new TransportError({ code: "connection-missing", message: 'There is no connection "kafka".' });
    },
  );
  store.due.push({ letter: makeLetter("1"), to: "dead" });
  start();
  await eventually(() => store.causes.length > 0);
  expect(store.causes[0]).toEqual(["1", 'There is no connection "kafka".']);
  expect(store.due).toHaveLength(1);
});

it("writes the body as it is meant, and bytes that are none", () => {
  expect(makeForwarded(makeLetter("a"))).toMatchObject({ id: "a-3", message: { codec: { name: "json" } } });
  const broken = makeLetter("a", { value: new TextEncoder().encode("{") });
  expect(makeForwarded(broken).message.codec.name).toBe("bytes");
  expect(makeForwarded(makeLetter("a", { value: null })).message.value).toBeNull();
});
