import { createHash } from "node:crypto";
import type { Channel } from "rabbitmq-client";
import { sleep } from "../../backoff";
import type { TransportOptions } from "../../transport";
import { within } from "../within";
import { isLocked, isMissing } from "./causes";
import { DeclareError } from "./declare";
import type { RabbitLink } from "./link";
import { type Delivered, isTooLong } from "./properties";
import { ConfirmingPublisher } from "./publisher";
import type { Ending } from "./sessions";
import { findLast, readNewest } from "./stream-ends";

const askTimeoutMs = 5_000;
/** RabbitMQ counts the messages of a stream some seconds late. */
const countedMs = 6_000;
const retryMs = 500;
const summedBytes = 65_536;
/** Of the places that a reader had. */
const keptBytes = 1_000_000;

/**
 * How far a reader has come. `settled`: all up to this offset is safe; `sum` is that of the message there, to be known again by. `begin`:
 * nothing is yet, and it begins there: at an offset, the first message kept, or a time.
 */
export type Place =
  | { readonly settled: number; readonly sum?: string | undefined }
  | { readonly begin: "first" | number | { readonly time: string } };

/** What tells a message from another that stands at its offset in a stream of the same name. */
export function sumOf({ body, timestamp, messageId }: Delivered): string {
  const hash = createHash("sha256").update(`${timestamp ?? ""} ${messageId ?? ""} ${body.length} `);
  return hash.update(body.subarray(0, summedBytes)).digest("hex").slice(0, 16);
}

/**
 * The place of a reader in a stream, which RabbitMQ does not keep over AMQP: the newest message of a small stream beside it, in words that a
 * person can read, `{"settled":41,"sum":"…"}`. Whoever has an exclusive queue beside it is the one who reads; it goes with its connection,
 * which is why the place is written over the same one.
 */
export class ReaderPlace {
  readonly #channel: Channel;
  readonly #publisher: ConfirmingPublisher;
  readonly #leaving = new AbortController();
  #next: Place | undefined;
  #writing: Promise<void> | undefined;

  private constructor(
    readonly link: RabbitLink,
    readonly name: string,
    readonly owner: string,
    channel: Channel,
    readonly ending: Ending,
    readonly log: TransportOptions["log"],
    /** `new`: nobody has read under this name. `unreadable`: somebody has written something else there. */
    readonly known: Place | "new" | "unreadable",
  ) {
    this.#channel = channel;
    this.#publisher = new ConfirmingPublisher(link, { node: name, isFixed: false });
  }

  /** Takes the place over; `undefined` while another worker has it. It ends when it is lost. @throws what keeps the broker from answering */
  static async take(
    link: RabbitLink,
    { reader, stream }: { readonly reader: string; readonly stream: string },
    ending: Ending,
    log: TransportOptions["log"],
  ): Promise<ReaderPlace | undefined> {
    const [name, owner] = [nameOf(reader, stream), `${reader}.owner.${stream}`];
    if (isTooLong(name)) {
      const message = `The stream for the reader's place, ${name}, would have a name longer than AMQP's 255 bytes. Give the node a shorter *Reader's name*.`;
      throw new DeclareError({ code: "broker-refused", message }, undefined);
    }
    // To the broker all channels of a connection are one owner.
    if (link.owned.has(owner)) return undefined;
    link.owned.add(owner);
    let channel: Channel | undefined;
    try {
      channel = await link.channel();
      await within(channel.queueDeclare({ queue: owner, exclusive: true }), askTimeoutMs);
      const known = await readPlace(link, name);
      const place = new ReaderPlace(link, name, owner, channel, ending, log, known);
      ending.watch(channel, link);
      return place;
    } catch (error) {
      if (channel?.active) await freeOwner(channel, owner);
      link.owned.delete(owner);
      if (isLocked(error)) return undefined;
      throw error;
    }
  }

  /** Writes it down, one writing at a time: what is written meanwhile counts for the last. */
  write(place: Place): void {
    this.#next = place;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Lets another worker have it, when all is written down or after a while. Never rejects. */
  async leave(): Promise<void> {
    await within(this.#writing ?? Promise.resolve(), askTimeoutMs).catch(() => {});
    this.#leaving.abort();
    await this.#publisher.close();
    if (this.#channel.active) await freeOwner(this.#channel, this.owner);
    this.link.owned.delete(this.owner);
  }

  async #writeAll(): Promise<void> {
    const { signal } = this.#leaving;
    let isTold = false;
    while (this.#next !== undefined && this.#channel.active && !signal.aborted) {
      const place = this.#next;
      this.#next = undefined;
      const [verdict] = await this.#publisher.publish([this.#toMessage(place)], signal);
      if (verdict === undefined || verdict.verdict === "done") continue;
      this.#next ??= place;
      if (verdict.verdict === "reject") {
        // The stream is gone: the reader begins again at the place that it remembers.
        this.ending.end(new Error("The stream with the reader's place is gone."));
        return;
      }
      if (!isTold)
        this.log("warn", `a reader's place is not written down: ${verdict.cause.message}`, { stream: this.name });
      isTold = true;
      await sleep(retryMs, signal);
    }
  }

  #toMessage(place: Place) {
    return {
      of: place,
      exchange: "",
      routingKey: this.name,
      key: null,
      value: Buffer.from(JSON.stringify(place)),
      headers: [],
      timestamp: Date.now(),
      contentType: "application/json",
      persistent: true,
      mandatory: true,
    };
  }
}

/** Messages of a stream behind the place of a reader; `undefined` where nobody has read it under that name. */
export async function countBehind(
  link: RabbitLink,
  stream: string,
  reader: string,
): Promise<number | null | undefined> {
  const name = nameOf(reader, stream);
  try {
    await countMessages(link, name);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const [[newest], last] = await Promise.all([readNewest(link, name, 1), findLast(link, stream)]);
  const place = newest && parsePlace((newest as unknown as Delivered).body);
  if (!place) return null;
  if ("settled" in place) return Math.max(0, (last ?? -1) - place.settled);
  return typeof place.begin === "number" ? Math.max(0, (last ?? -1) - place.begin + 1) : null;
}

/** The stream that has the place of a reader. */
function nameOf(reader: string, stream: string): string {
  return `${reader}.offset.${stream}`;
}

async function readPlace(link: RabbitLink, stream: string): Promise<Place | "new" | "unreadable"> {
  if (await makeStream(link, stream)) return "new";
  const endAt = performance.now() + countedMs;
  for (;;) {
    const [newest] = await readNewest(link, stream, 1);
    if (newest) return parsePlace((newest as unknown as Delivered).body) ?? "unreadable";
    // A replica may not have what is there, and a reader may have died before it wrote anything.
    if ((await countMessages(link, stream)) > 0) throw new Error("The reader's place cannot be read yet.");
    if (performance.now() > endAt) return "new";
  }
}

/** `true` when there was none. */
async function makeStream(link: RabbitLink, stream: string): Promise<boolean> {
  try {
    await countMessages(link, stream);
    return false;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const settings = {
    "x-queue-type": "stream",
    "x-max-length-bytes": keptBytes,
    "x-stream-max-segment-size-bytes": keptBytes / 2,
  } as const;
  await ask(link, (channel) => channel.queueDeclare({ queue: stream, durable: true, arguments: settings }));
  return true;
}

async function countMessages(link: RabbitLink, queue: string): Promise<number> {
  return (await ask(link, (channel) => channel.queueDeclare({ queue, passive: true }))).messageCount;
}

/** On a channel of its own, which an answer such as *not there* closes. */
async function ask<T>(link: RabbitLink, question: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await link.channel();
  try {
    return await within(question(channel), askTimeoutMs);
  } finally {
    void within(channel.close(), askTimeoutMs).catch(() => {});
  }
}

/** Also what a person has written there to have it read from elsewhere. */
function parsePlace(bytes: Uint8Array): Place | undefined {
  try {
    const { settled, sum, begin } = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
    if (isOffset(settled)) return typeof sum === "string" ? { settled, sum } : { settled };
    if (begin === "first" || isOffset(begin)) return { begin };
    const time = (begin as { time?: unknown } | undefined)?.time;
    return typeof time === "string" && Number.isFinite(Date.parse(time)) ? { begin: { time } } : undefined;
  } catch {
    return undefined;
  }
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

async function freeOwner(channel: Channel, owner: string): Promise<void> {
  await within(channel.queueDelete({ queue: owner }), askTimeoutMs).catch(() => {});
  await within(channel.close(), askTimeoutMs).catch(() => {});
}
