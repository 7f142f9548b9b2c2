import { setPath } from "../../flow/body-path";
import { decodeHeldMessage, encodeHeldMessage, type HeldMessage, openHeldMessage } from "../../flow/held-message";
import {
  type Arrival,
  addressOf,
  type HeldRow,
  type HeldScope,
  type HeldStore,
  type HoldRequest,
  type ReleaseRequest,
} from "../../flow/holding";
import { done, retryDependency, type Verdict } from "../../flow/verdict";
import { arrivalIdOf, heldIdOf } from "../../prisma/held-id";
import { describeError, type Log } from "../log";
import { toFailure } from "../node-failure";
import { readTrace } from "../trace";
import { TransportError } from "../transport";
import { leaseMs } from "./held-messages";
import type { HoldingPlace } from "./ports";

/** A change that others made undone again and again: so often it is tried anew. */
const maxConflicts = 10;

export interface MessageHoldingOptions {
  readonly store: HeldStore;
  readonly scope: HeldScope;
  readonly log: Log;
  /** Messages that this worker may let leave by itself, now. */
  room(): number;
  leave(row: HeldRow): void;
  /** Something is due at that time. */
  wake(at: number): void;
  now(): number;
}

/** What comes in at an address. */
interface Event {
  readonly address: string;
  readonly content: HeldMessage;
}

/** Puts messages into the store until their time, or until what they wait for comes: `hold` and `release` of `HoldingPort`. */
export class MessageHolding {
  #isFailing = false;

  constructor(readonly options: MessageHoldingOptions) {}

  async hold(at: HoldingPlace, requests: readonly HoldRequest[]): Promise<Verdict[]> {
    const verdicts: (Verdict | null)[] = requests.map(() => null);
    const rows: HeldRow[] = [];
    for (const [index, request] of requests.entries()) {
      try {
        rows.push(this.#makeRow(at, request));
        verdicts[index] = { ...done, ...noteOf(request) };
      } catch (error) {
        verdicts[index] = toFailure(error);
      }
    }
    try {
      // One that is there already is the same message again.
      if (rows.length > 0) await this.options.store.write(rows.map((write) => ({ write })));
      for (const { dueAt } of rows) if (dueAt !== null) this.options.wake(dueAt);
      await this.#meetArrivals(rows.filter(({ awaits }) => awaits.length > 0));
      this.#isFailing = false;
      return verdicts as Verdict[];
    } catch (error) {
      this.#tellAway(error);
      return verdicts.map((verdict) => (verdict?.verdict === "done" ? storeAway(error) : verdict!));
    }
  }

  async release(at: HoldingPlace, requests: readonly ReleaseRequest[]): Promise<Verdict[]> {
    const { scope, store, now } = this.options;
    const verdicts: (Verdict | null)[] = requests.map(() => null);
    const events: (Event | null)[] = [];
    for (const [index, request] of requests.entries()) {
      try {
        // Read now: whoever waits for it cannot do anything about a body that is none.
        void request.message.body;
        events.push({ address: addressOf(at.node, request.value), content: makeHeld(request) });
      } catch (error) {
        verdicts[index] = toFailure(error);
        events.push(null);
      }
    }
    try {
      // Of several for one address the first lets go who waits; the others come too early.
      const firsts = new Map<string, number>();
      for (const [index, event] of events.entries())
        if (event && !firsts.has(event.address)) firsts.set(event.address, index);
      const released = await this.#release([...firsts.values()].map((index) => events[index]!));
      for (const [address, index] of firsts) if (released.has(address)) verdicts[index] = done;

      const early = requests.flatMap((request, index) => {
        const event = events[index];
        if (!event || verdicts[index]) return [];
        const { address, content } = event;
        const id = arrivalIdOf(scope, address, writePlace(content));
        const createdAt = now();
        return [{ ...scope, id, address, content, createdAt, expiresAt: createdAt + request.keepMs }];
      });
      if (early.length > 0) {
        await store.keepArrivals(early.map((each): Arrival => ({ ...each, content: encodeHeldMessage(each.content) })));
        // Who has begun to wait meanwhile may have looked before it was kept.
        const unique = [...new Map(early.map((each) => [each.address, each])).values()];
        const met = await this.#release(unique);
        await store.removeArrivals(unique.flatMap(({ id, address }) => (met.has(address) ? [id] : [])));
      }
      this.#isFailing = false;
      return verdicts.map((verdict) => verdict ?? { ...done, note: { kept: true } });
    } catch (error) {
      this.#tellAway(error);
      return verdicts.map((verdict) => verdict ?? storeAway(error));
    }
  }

  /** What came for them before: each takes the oldest that nobody else of them takes. */
  async #meetArrivals(rows: readonly HeldRow[]): Promise<void> {
    if (rows.length === 0) return;
    const { scope, store } = this.options;
    const arrivals = await store.findArrivals(scope, [...new Set(rows.flatMap(({ awaits }) => awaits))]);
    const meetings = rows.flatMap(({ id, awaits }) => {
      const at = arrivals.findIndex(({ address }) => awaits.includes(address));
      return at < 0 ? [] : [{ id, arrival: arrivals.splice(at, 1)[0]! }];
    });
    if (meetings.length === 0) return;
    const released = await this.#letGo(
      meetings.map(({ id, arrival: { address, content } }) => {
        return { id, event: { address, content: decodeHeldMessage(content) } };
      }),
    );
    await store.removeArrivals(meetings.flatMap(({ id, arrival }) => (released.has(id) ? [arrival.id] : [])));
  }

  /** Lets all go who wait for one of these; answers the addresses at which somebody did. */
  async #release(events: readonly Event[]): Promise<Set<string>> {
    if (events.length === 0) return new Set();
    const { scope, store } = this.options;
    const ofAddress = new Map(events.map((event) => [event.address, event]));
    const found = await store.findAwaiting(scope, [...ofAddress.keys()]);
    const released = await this.#letGo(found.map(({ id, address }) => ({ id, event: ofAddress.get(address)! })));
    return new Set(found.flatMap(({ id, address }) => (released.has(id) ? [address] : [])));
  }

  /** Lets rows go that still wait, each with what came for it; answers which. */
  async #letGo(pairs: readonly { readonly id: string; readonly event: Event }[]): Promise<Set<string>> {
    const { store, room, leave, wake, now } = this.options;
    const released = new Set<string>();
    let open = pairs;
    for (let conflicts = 0; open.length > 0; conflicts++) {
      if (conflicts > maxConflicts) throw new Error("Rows change again and again while they are released.");
      const rows = await store.read(open.map(({ id }) => id));
      const at = now();
      const isOwn = room() >= open.length;
      const next = open.flatMap((pair, index): { pair: typeof pair; row: HeldRow }[] => {
        const row = rows[index];
        if (!row?.awaits.includes(pair.event.address)) return [];
        const content = addEvent(row.content, pair.event.content);
        const dueAt = isOwn ? at + leaseMs : at;
        return [{ pair, row: { ...row, content, dueAt, revision: row.revision + 1, awaits: [], updatedAt: at } }];
      });
      const answers = next.length > 0 ? await store.write(next.map(({ row }) => ({ write: row }))) : [];
      for (const [index, { pair, row }] of next.entries()) {
        if (answers[index] !== "written") continue;
        released.add(pair.id);
        if (isOwn) leave(row);
        else wake(at);
      }
      open = next.flatMap(({ pair }, index) => (answers[index] === "written" ? [] : [pair]));
    }
    return released;
  }

  /** @throws CodecError or BodyPathError for a message that cannot be held. */
  #makeRow(at: HoldingPlace, request: HoldRequest): HeldRow {
    const { scope, now } = this.options;
    // What comes later has to fit: nobody could mend it then.
    if (request.into) setPath(request.message.body, request.into, null);
    const held: HeldMessage = {
      ...makeHeld(request),
      port: request.port,
      ...(request.into ? { into: request.into } : {}),
    };
    const key = writePlace(held);
    const createdAt = now();
    return {
      ...scope,
      id: heldIdOf(scope, at.node, key),
      node: at.node,
      kind: "message",
      key,
      version: at.version,
      revision: 1,
      status: "held",
      steps: [at.node],
      dueAt: request.dueAt,
      awaits: request.awaits === undefined ? [] : [addressOf(at.node, request.awaits)],
      content: encodeHeldMessage(held),
      error: null,
      traceId: readTrace(request.message.headers)?.traceId ?? null,
      createdAt,
      updatedAt: createdAt,
      endedAt: null,
      expiresAt: null,
    };
  }

  #tellAway(error: unknown): void {
    if (!this.#isFailing) this.options.log.warn(describeError(error), "messages cannot be held yet");
    this.#isFailing = true;
  }
}

/** @throws CodecError when its body has no bytes in its codec. */
function makeHeld({ message, part, original }: Pick<HoldRequest, "message" | "part" | "original">): HeldMessage {
  const { source, lane, position, origin, timestamp } = message.meta;
  return {
    key: message.key,
    value: message.value,
    headers: message.headers,
    codec: message.codec.name,
    timestamp,
    place: {
      source,
      lane: origin?.lane ?? lane,
      position: origin?.position ?? position,
      part: (origin?.part ?? "0") + part,
    },
    resent: origin?.resent === true,
    port: "out",
    ...(original ? { original } : {}),
  };
}

/** The same each time the same message comes. */
function writePlace({ place: { source, lane, position, part } }: HeldMessage): string {
  return [source, lane, position, part].map(encodeURIComponent).join("/");
}

/** The content of a row that leaves with what it has waited for. */
function addEvent(content: Uint8Array, event: HeldMessage): Uint8Array {
  const { into, ...held } = decodeHeldMessage(content);
  if (!into) return encodeHeldMessage({ ...held, port: "out" });
  const { key, value, headers } = held;
  const message = openHeldMessage(held);
  const changed = message.withBody(setPath(message.body, into, openHeldMessage(event).body));
  return encodeHeldMessage({
    ...held,
    value: changed.value,
    port: "out",
    original: held.original ?? { key, value, headers },
  });
}

function noteOf({ dueAt }: HoldRequest) {
  return dueAt === null ? {} : { note: { until: new Date(dueAt).toISOString() } };
}

function storeAway(error: unknown) {
  if (error instanceof TransportError) return retryDependency(error.reason.code, error.reason.message);
  const message = "Postgres cannot be reached, so messages cannot be held. They wait here; nothing is lost.";
  return retryDependency("store-unreachable", message);
}
