import type { AsyncMessage, Channel } from "rabbitmq-client";
import type { LaneProgress, OpenSource, SourceHandlers } from "../../../flow/behaviour";
import type { RabbitStreamOptions } from "../../../flow/connections/rabbitmq-port";
import { Message } from "../../../flow/message";
import type { Cause } from "../../../flow/verdict";
import type { TransportOptions } from "../../transport";
import { within } from "../within";
import { causeOf, isNoStream } from "./causes";
import { DeclareError, ensureQueue } from "./declare";
import type { RabbitLink } from "./link";
import { type Delivered, readDelivered } from "./properties";
import { type Place, ReaderPlace, sumOf } from "./reader-place";
import { Ending, Intake, keepOpen } from "./sessions";
import { usualTypes } from "./source";
import { findFirst, findLast, findLastChunk, offsetOf } from "./stream-ends";

const askTimeoutMs = 5_000;
const maxBatch = 500;
/** The message at the reader's place comes at once; a replica that is behind may need a while. */
const seekMs = 5_000;
const endsEveryMs = 5_000;

let lastEpoch = 0;

/** One channel that reads, from its opening to its end. */
interface Session {
  readonly channel: Channel;
  readonly epoch: number;
  /** Where the place is kept; absent: by this worker alone. */
  readonly keeper: ReaderPlace | undefined;
  readonly ending: Ending;
  readonly intake: Intake;
  /** Handed over and not settled, in order. */
  readonly inHand: { readonly offset: number; readonly delivery: AsyncMessage }[];
  /** Offset of the message that is to come next; absent: whatever it is. */
  next?: number;
  /** Messages before it are not asked for; absent: it begins with what is there. */
  readonly from: number | undefined;
  /** Nobody has read from there before. */
  readonly isFresh: boolean;
  /** The place where the message is awaited that was settled last: the stream is the same, and nothing behind it is gone. */
  sought?: { readonly settled: number; readonly sum?: string | undefined };
  seeking?: NodeJS.Timeout;
}

/** Messages are gone that nobody read: what becomes of it is for a person, or the node's settings. */
class GapError extends Error {
  override readonly name = "GapError";
}

/**
 * Reads a stream by offset. A session begins with the message that was settled last: it tells that the stream is the one it was, and that
 * nothing behind it was removed. RabbitMQ itself goes on elsewhere without a word.
 */
export class RabbitStreamSource implements OpenSource {
  readonly #reading: RabbitLink;
  readonly #keeping: RabbitLink;
  readonly #options: RabbitStreamOptions;
  readonly #handlers: SourceHandlers;
  readonly #log: TransportOptions["log"];
  readonly #stopping = new AbortController();
  readonly #lane: string;
  #session: Session | undefined;
  /** The place as this worker knows it. */
  #place: Place | undefined;
  /** Where to go on after a gap. */
  #beyond: "earliest" | "latest" | undefined;
  /** It was told that another worker reads. */
  #isWaiting = false;
  /** Of the newest message that is known, and when it was asked for. */
  #last: number | undefined;
  #lastAskedAt = Number.NEGATIVE_INFINITY;
  readonly #running: Promise<void>;
  readonly #onAbort = () => this.#holdBack();

  constructor(
    links: { readonly reading: RabbitLink; readonly keeping: RabbitLink },
    options: RabbitStreamOptions,
    handlers: SourceHandlers,
    log: TransportOptions["log"],
  ) {
    this.#reading = links.reading;
    this.#keeping = links.keeping;
    this.#options = options;
    this.#handlers = handlers;
    this.#log = log;
    this.#lane = `${options.stream.name}${options.ownName}`;
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#running = keepOpen({
      node: options.node,
      handlers,
      log,
      signal: this.#stopping.signal,
      begin: () => this.#begin(),
      finish: (why) => this.#finish(why),
      causeOf: (why) => this.#causeOf(why),
    });
  }

  settle(_lane: string, epoch: number, position: string): void {
    const session = this.#session;
    if (session?.epoch !== epoch) return;
    const offset = Number(position);
    const at = session.inHand.findIndex((each) => each.offset > offset);
    const last = session.inHand.splice(0, at < 0 ? session.inHand.length : at).at(-1);
    if (!last) return;
    const { delivery } = last;
    this.#note(session, { settled: last.offset, sum: sumOf(delivery as unknown as Delivered) });
    // Asks for as many more.
    if (session.channel.active) session.channel.basicAck({ deliveryTag: delivery.deliveryTag, multiple: true });
  }

  async progress(): Promise<LaneProgress[]> {
    const session = this.#session;
    if (!session) return [];
    await this.#askForLast(session);
    const place = this.#place;
    const settled = place && "settled" in place ? place.settled : undefined;
    const position = settled === undefined ? null : String(settled);
    return [{ lane: this.#lane, position, lag: this.#lagBehind(session, settled) }];
  }

  async stop(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#holdBack();
    this.#session?.ending.end(undefined);
    await this.#running;
    await this.#leave();
  }

  #note(session: Session, place: Place): void {
    this.#place = place;
    session.keeper?.write(place);
  }

  async #begin(): Promise<Session | undefined> {
    const { stream, reader, ownName, prefetch } = this.#options;
    const channel = await this.#reading.channel();
    const ending = new Ending().watch(channel, this.#reading);
    let keeper: ReaderPlace | undefined;
    try {
      await within(ensureQueue(channel, this.#reading.address, stream), askTimeoutMs);
      await within(channel.basicQos({ prefetchCount: prefetch }), askTimeoutMs);
      if (ownName === "") {
        keeper = await ReaderPlace.take(this.#keeping, { reader, stream: stream.name }, ending, this.#log);
        if (!keeper) return this.#giveUp(channel, this.#tellWaiting());
      }
      const { place, isFresh } = await this.#findPlace(keeper);
      if (this.#stopping.signal.aborted) return this.#giveUp(channel, keeper);
      const session = this.#assign({ ending, channel, keeper }, place, isFresh);
      const consume = { queue: stream.name, arguments: { "x-stream-offset": toSpec(place) } };
      await within(
        channel.basicConsume(consume, (delivery) => this.#take(session, delivery)),
        askTimeoutMs,
      );
      if (session.sought) session.seeking = setTimeout(() => void this.#giveUpSeeking(session), seekMs);
      return session;
    } catch (error) {
      if (this.#session?.channel === channel) await this.#finish(error);
      else await this.#giveUp(channel, keeper);
      if (this.#stopping.signal.aborted) return undefined;
      if (error instanceof GapError) return this.#meetGap(error);
      throw isNoStream(error) ? this.#refuseQueue() : error;
    }
  }

  #assign(parts: Pick<Session, "channel" | "ending" | "keeper">, place: Place, isFresh: boolean): Session {
    const session: Session = {
      ...parts,
      isFresh,
      epoch: ++lastEpoch,
      intake: new Intake(maxBatch, (deliveries) => this.#handOver(session, deliveries)),
      inHand: [],
      from: "begin" in place && typeof place.begin === "number" ? place.begin : undefined,
    };
    if ("settled" in place) session.sought = place;
    this.#session = session;
    this.#isWaiting = false;
    this.#place = place;
    this.#handlers.assigned(this.#lane, session.epoch);
    return session;
  }

  /** Another worker reads; this one asks again. */
  #tellWaiting(): undefined {
    const { node, stream, reader } = this.#options;
    if (!this.#isWaiting)
      this.#log("info", `${stream.name} is read by another worker as ${reader}; this one waits`, { node });
    this.#isWaiting = true;
  }

  async #giveUp(channel: Channel, keeper: ReaderPlace | undefined): Promise<undefined> {
    await keeper?.leave();
    void within(channel.close(), askTimeoutMs).catch(() => {});
    return undefined;
  }

  /** Where to go on, written down before anything is read. */
  async #findPlace(keeper: ReaderPlace | undefined): Promise<{ place: Place; isFresh: boolean }> {
    const beyond = this.#beyond;
    // Where a worker reads by itself, it remembers by itself; and it knows its place when somebody deleted the stream that has it.
    const known = keeper && keeper.known !== "new" ? keeper.known : (this.#place ?? "new");
    if (known === "unreadable" && beyond === undefined) {
      throw new GapError(`What \`${keeper?.name}\` says of the reader's place is not understood.`);
    }
    const isFresh = beyond !== undefined || typeof known === "string";
    const place = isFresh ? await this.#beginAt(beyond ?? this.#options.start) : known;
    this.#beyond = undefined;
    if (isFresh) keeper?.write(place);
    return { place, isFresh };
  }

  async #beginAt(where: RabbitStreamOptions["start"] | "earliest" | "latest"): Promise<Place> {
    if (typeof where === "object") {
      if (where.from === "time") return { begin: { time: new Date(where.at).toISOString() } };
      const { fallback } = this.#options;
      if (where.from !== "kind") return this.#beginAt(where.from);
      return typeof fallback === "number" ? { begin: fallback } : this.#beginAt(fallback);
    }
    if (where === "earliest") return { begin: "first" };
    // From now on, also when nothing is settled before this worker is gone.
    const last = await findLast(this.#reading, this.#options.stream.name);
    return { begin: last === undefined ? "first" : last + 1 };
  }

  #take(session: Session, delivery: AsyncMessage): void {
    if (this.#stopping.signal.aborted || session.ending.isOver) return;
    if (offsetOf(delivery) === undefined) session.ending.end(this.#refuseQueue());
    else session.intake.add(delivery);
  }

  async #handOver(session: Session, deliveries: readonly AsyncMessage[]): Promise<void> {
    let messages: Message[] = [];
    for (const delivery of deliveries) {
      const offset = offsetOf(delivery)!;
      if (offset !== session.next) {
        // What came before it goes first.
        if (messages.length > 0) await this.#handlers.deliver(this.#lane, session.epoch, messages);
        messages = [];
        const isTaken = !session.ending.isOver && (await this.#judge(session, offset, delivery));
        if (session.ending.isOver) return;
        if (!isTaken) {
          if (session.channel.active) session.channel.basicAck({ deliveryTag: delivery.deliveryTag });
          continue;
        }
      }
      session.next = offset + 1;
      session.inHand.push({ offset, delivery });
      messages.push(this.#toMessage(offset, delivery));
    }
    if (messages.length > 0) await this.#handlers.deliver(this.#lane, session.epoch, messages);
  }

  /** A message that is not simply the next one: is it taken? */
  async #judge(session: Session, offset: number, delivery: AsyncMessage): Promise<boolean> {
    const { sought, next } = session;
    const { stream, onGap } = this.#options;
    if (sought) {
      // Where the stream is shorter than it was, or its replica is behind, RabbitMQ begins at the end.
      if (offset < sought.settled) return false;
      clearTimeout(session.seeking);
      delete session.sought;
      if (offset > sought.settled) return this.#meetRemoved(session, sought.settled + 1, offset, onGap === "earliest");
      session.next = offset + 1;
      if (sought.sum !== undefined && sumOf(delivery as unknown as Delivered) !== sought.sum)
        session.ending.end(this.#madeAnew(sought.settled));
      return false;
    }
    if (next === undefined) {
      if (session.from !== undefined && offset < session.from) return false;
      // From here on it is known what was to be read, also where nothing is settled before this worker is gone.
      if (session.from === undefined) this.#note(session, { begin: offset });
    }
    const expected = next ?? session.from ?? offset;
    if (offset === expected) return true;
    // Streams have holes, too: offsets that the broker itself used. What was removed is before the first that is kept.
    try {
      const first = (await findFirst(this.#reading, stream.name)) ?? expected;
      // With messages in hand that are still to be settled it goes on from there, with either rule; and where a person named the offset.
      const goesOn = next === undefined ? session.isFresh || onGap === "earliest" : onGap !== "halt";
      return this.#meetRemoved(session, expected, Math.min(first, offset), goesOn);
    } catch (error) {
      session.ending.end(error);
      return false;
    }
  }

  /** Messages from `next` up to, not including, `first` are gone. */
  #meetRemoved(session: Session, next: number, first: number, goesOn: boolean): boolean {
    if (first <= next) return true;
    const words = `${first - next} messages of \`${this.#options.stream.name}\` were removed before they were read, from offset ${next} on.`;
    if (goesOn) this.#log("warn", words, { node: this.#options.node });
    else session.ending.end(new GapError(words));
    return goesOn;
  }

  /** The message at the reader's place has not come: is the stream another one, or only slow? */
  async #giveUpSeeking(session: Session): Promise<void> {
    if (session.ending.isOver) return;
    try {
      const last = await findLast(this.#reading, this.#options.stream.name);
      const { sought } = session;
      if (sought)
        session.ending.end((last ?? -1) < sought.settled ? this.#madeAnew(sought.settled) : new Error("timed out"));
    } catch (error) {
      session.ending.end(error);
    }
  }

  #madeAnew(settled: number): GapError {
    return new GapError(
      `\`${this.#options.stream.name}\` does not have the message any more that was read last, at offset ${settled}: the stream was deleted and made anew, or has lost data.`,
    );
  }

  /** The lane is no longer ours: what is on its way ends, and is settled as far as it comes. */
  async #finish(why: unknown): Promise<void> {
    const session = this.#session;
    if (!session) return;
    session.intake.clear();
    clearTimeout(session.seeking);
    if (this.#stopping.signal.aborted) return;
    await this.#handlers.revoked(this.#lane, session.epoch);
    await this.#leave();
    if (why instanceof GapError) await this.#meetGap(why);
  }

  /** Nothing is settled any more. */
  async #leave(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    this.#last = undefined;
    await session.keeper?.leave();
    if (session.channel.active) await within(session.channel.close(), askTimeoutMs).catch(() => {});
  }

  async #meetGap({ message }: GapError): Promise<undefined> {
    const { onGap, node } = this.#options;
    const { signal } = this.#stopping;
    if (onGap !== "halt") {
      this.#log("warn", message, { node });
      this.#beyond = onGap;
      return;
    }
    this.#handlers.state({ is: "halted", cause: { code: "position-gone", message: `${message} ${wayOut}` } });
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }

  #toMessage(offset: number, delivery: AsyncMessage): Message {
    const { node, codec } = this.#options;
    const delivered = delivery as unknown as Delivered;
    return new Message({
      ...readDelivered(delivered, usualTypes[codec.name]),
      meta: {
        source: node,
        lane: this.#lane,
        position: String(offset),
        timestamp: delivered.timestamp === undefined ? Date.now() : delivered.timestamp * 1000,
        attempt: 1,
      },
      codec,
    });
  }

  /** Reads no more; what is in work goes on, and is settled. */
  #holdBack(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#session?.intake.clear();
  }

  async #askForLast(session: Session): Promise<void> {
    const now = performance.now();
    if (now - this.#lastAskedAt < endsEveryMs || !session.channel.active) return;
    this.#lastAskedAt = now;
    const last = await findLastChunk(this.#reading, this.#options.stream.name).catch(() => undefined);
    if (this.#session === session) this.#last = last;
  }

  #lagBehind(session: Session, settled: number | undefined): number | null {
    const begin = session.inHand[0]?.offset ?? session.next;
    const behind = settled ?? (begin === undefined ? undefined : begin - 1);
    const delivered = session.next === undefined ? undefined : session.next - 1;
    if (behind === undefined) return this.#last === undefined ? 0 : null;
    return Math.max(0, (this.#last ?? behind) - behind, (delivered ?? behind) - behind);
  }

  #refuseQueue(): DeclareError {
    const { name } = this.#options.stream;
    const message = `${name} on ${this.#reading.address.shown} is a queue and no stream. Consume it with a *RabbitMQ queue* node.`;
    return new DeclareError({ code: "declared-otherwise", message }, undefined);
  }

  #causeOf(why: unknown): Cause {
    if (why instanceof DeclareError) return why.reason;
    if (why instanceof GapError) return { code: "position-gone", message: why.message };
    return causeOf(why, this.#reading.address, `queue ${this.#options.stream.name}`);
  }
}

/** As RabbitMQ wants it: a time as how long ago, by its own clock. */
function toSpec(place: Place): string | number {
  if ("settled" in place) return place.settled;
  const { begin } = place;
  if (typeof begin !== "object") return begin;
  return `${Math.max(1, Math.ceil((Date.now() - Date.parse(begin.time)) / 1000))}s`;
}

const wayOut = "Deploy anew to begin elsewhere, or let the node go on by itself with *When messages are gone*.";
