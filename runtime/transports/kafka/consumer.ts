import type { LaneProgress, OpenSource, Outcome, SourceHandlers, Transaction } from "../../../flow/behaviour";
import type { KafkaPort } from "../../../flow/connection-ports";
import type { Cause } from "../../../flow/verdict";
import { TransportError } from "../../transport";
import { CarriedGroup } from "./carried";
import { causeOf, errorType, isPassing, isTopicMissing } from "./causes";
import type { KafkaSettings } from "./client";
import { KafkaLane } from "./lane";
import type { KafkaQuestions, TopicPartitions } from "./questions";
import { makeMessages } from "./records";
import { nameRequest } from "./requests";
import { KafkaSession, withTimeout } from "./session";
import { type Begin, chooseBegin, pinStart } from "./starting";
import { FencedError, isFenced } from "./transaction-errors";
import { TransactionalLanes } from "./transactional-lanes";

export type ConsumeOptions = Parameters<KafkaPort["consume"]>[0];

const commitEveryMs = 500;
const firstBackoffMs = 300;
const maxBackoffMs = 2_000;
/** Kafka waits for members that leave a rebalance open; the lanes have this long to come to rest. */
const revokeTimeoutMs = 6_000;
const flushTimeoutMs = 2_000;
const watermarksEveryMs = 1_000;

/** What a cluster says while it chooses leaders is news only after so long. */
const passingMs = 3_000;

/** Epochs grow over all sources of the process, so that a source made anew never reuses one. */
let lastEpoch = 0;

/** A member of a group that keeps going: sessions follow each other for as long as it is open, whatever the broker does. */
export class KafkaSource implements OpenSource {
  readonly #settings: KafkaSettings;
  readonly #questions: KafkaQuestions;
  readonly #options: ConsumeOptions;
  readonly #handlers: SourceHandlers;
  /** Lanes of the current assignment, by partition. */
  #lanes = new Map<number, KafkaLane>();
  /** How far each partition is safe, as far as this process knows: outlives lanes and sessions. */
  readonly #settled = new Map<number, number>();
  readonly #carried: CarriedGroup;
  /** Of a source that is exactly once: positions are committed by transactions, and what the group has is all that counts. */
  readonly #transactions: TransactionalLanes | undefined;
  #session: KafkaSession | undefined;
  #memberId = "";
  #lastWarning = "";
  /** The topic was there, and then it was not: what is made in its place begins with its first message. */
  #wasDeleted = false;
  #joins = 0;
  #stopping = false;
  #wake: () => void = () => {};
  #committing: Promise<void> | undefined;
  #watermarksAt = 0;
  #topic: TopicPartitions | undefined;
  readonly #living: Promise<void>;
  readonly #onAbort = () => this.#closeLanes();

  constructor(settings: KafkaSettings, questions: KafkaQuestions, options: ConsumeOptions, handlers: SourceHandlers) {
    this.#settings = settings;
    this.#questions = questions;
    this.#options = options;
    this.#handlers = handlers;
    this.#carried = new CarriedGroup(options.groupId);
    const { delivery, topic, groupId } = options;
    if (delivery === "exactly-once") this.#transactions = new TransactionalLanes(settings, questions, topic, groupId);
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#living = this.#live();
  }

  settle(lane: string, epoch: number, position: string, _outcome: Outcome): void {
    const open = this.#find(lane, epoch);
    if (open === undefined) return;
    open.settle(Number(position));
    this.#settled.set(open.partition, open.settled);
  }

  async transact(name: string, epoch: number): Promise<Transaction> {
    const lane = this.#find(name, epoch);
    if (this.#transactions === undefined) throw new Error(`${name} is not worked in transactions`);
    if (lane === undefined || lane.isClosed) {
      throw new TransportError({ code: "lease-lost", message: `${name} is not assigned to this worker any more.` });
    }
    return this.#transactions.begin(lane);
  }

  async progress(): Promise<LaneProgress[]> {
    await this.#refreshWatermarks();
    return [...this.#lanes.values()].map((lane) => ({
      lane: lane.name,
      lag: lane.high === null ? null : Math.max(0, lane.high - lane.settled),
      position: lane.settled === 0 ? null : String(lane.settled - 1),
    }));
  }

  waiting(): { what: string; since: number } | undefined {
    const open = this.#session?.waitingFor ?? this.#questions.waitingFor;
    return open && { what: `${nameRequest(open.name)} to ${open.broker}`, since: open.since };
  }

  async stop(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    if (!this.#stopping) {
      this.#stopping = true;
      this.#closeLanes();
      await withTimeout(this.#commit(), flushTimeoutMs);
      await this.#transactions?.close();
      this.#session?.close();
      this.#wake();
    }
    await this.#living;
    this.#carried.leave();
  }

  async #live(): Promise<void> {
    let backoffMs = firstBackoffMs;
    let failingSince: number | undefined;
    while (!this.#stopping) {
      const joinsBefore = this.#joins;
      const timer = setInterval(() => void this.#commit(), commitEveryMs);
      try {
        await this.#runSession();
      } catch (error) {
        failingSince ??= Date.now();
        if (isTopicMissing(error)) this.#forgetDeleted();
        if (!this.#stopping) this.#report(error, Date.now() - failingSince);
      }
      clearInterval(timer);
      this.#session = undefined;
      this.#carried.yield();
      this.#joins++;
      await this.#revokeAll();
      if (this.#stopping) break;
      if (this.#joins - joinsBefore > 1) {
        backoffMs = firstBackoffMs;
        failingSince = undefined;
      }
      await this.#pause(backoffMs);
      backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
    }
  }

  async #runSession(): Promise<void> {
    const { topic, groupId, start, fallback } = this.#options;
    const found = await this.#questions.topic(topic);
    this.#carried.partitions = found.partitions.length;
    await pinStart(this.#questions, found, groupId, this.#wasDeleted ? { from: "earliest" } : start, fallback);
    if (this.#stopping) return;
    if (this.#wasDeleted) this.#warn(`${topic} was deleted and made again, going on at its first message`);
    this.#wasDeleted = false;
    const session = new KafkaSession(this.#settings, topic, this.#carried, this.#memberId, {
      leaving: () => this.#leave(),
      joined: (partitions) => {
        this.#carried.take(partitions);
        this.#open(session, partitions).catch((error) => session.fail(error));
      },
      lane: (partition) => this.#lanes.get(partition),
      ask: () => this.#questions.topic(topic),
      expel: (memberId) => this.#questions.expel(groupId, memberId),
    });
    this.#session = session;
    try {
      await session.run();
    } finally {
      this.#memberId = session.memberId;
    }
  }

  /** A rebalance began: bring the lanes to rest and commit under the old membership, which the broker still takes. */
  async #leave(): Promise<void> {
    this.#carried.yield();
    await withTimeout(
      this.#revokeAll(() => this.#commit()),
      revokeTimeoutMs + flushTimeoutMs,
    );
  }

  async #open(session: KafkaSession, partitions: readonly number[]): Promise<void> {
    const join = ++this.#joins;
    await this.#revokeAll();
    const { topic: name, groupId, onGap } = this.#options;
    // One that is late would take the ids from the one after it.
    if (this.#isOver(session, join)) return;
    const takenOver = await this.#transactions?.takeOver(partitions, (partition) => {
      const isOurs = this.#lanes.get(partition)?.isClosed === false && !this.#isOver(session, join);
      if (isOurs) session.fail(new FencedError("another owner took a lane over"));
    });
    if (this.#isOver(session, join)) return;
    const topic = await this.#questions.topic(name);
    const [committed, marks] = await Promise.all([
      takenOver ?? this.#questions.committed(groupId, topic),
      this.#questions.watermarks([topic]),
    ]);
    const settled = this.#transactions === undefined ? this.#settled : undefined;
    const begins = new Map<number, { begin: Begin; high: number }>();
    for (const partition of partitions) {
      const mark = marks.get(name)?.get(partition);
      if (mark === undefined) throw new Error(`no watermarks of partition ${partition}`);
      const begin = chooseBegin(committed.get(partition), settled?.get(partition), mark, onGap);
      begins.set(partition, { begin, high: mark.high });
    }
    const pins = [...begins].flatMap(([partition, { begin }]) =>
      "at" in begin && begin.pin ? [{ partition, offset: begin.at }] : [],
    );
    if (this.#isOver(session, join)) return;
    if (pins.length > 0) await session.commit(pins);
    if (this.#isOver(session, join)) return;
    this.#topic = topic;
    this.#carried.partitions = topic.partitions.length;
    this.#lastWarning = "";
    this.#handlers.state({ is: "running" });
    for (const [partition, { begin, high }] of begins) {
      if ("halted" in begin) this.#halt(partition, begin.gone);
      else this.#openLane(session, partition, begin, committed.get(partition) ?? -1, high);
    }
  }

  #openLane(
    session: KafkaSession,
    partition: number,
    begin: Extract<Begin, { at: number }>,
    committed: number,
    high: number,
  ): void {
    const { node, codec } = this.#options;
    const name = this.#nameLane(partition);
    if (begin.gone !== undefined) this.#warn(`${begin.gone} messages of ${name} are gone, going on at ${begin.at}`);
    if (begin.shrank === true) this.#warn(`${name} ends before the position that was reached, going on at ${begin.at}`);
    if (begin.anew === true) this.#warn(`${name} was deleted and made again, going on at ${begin.at}`);
    this.#settled.set(partition, begin.at);
    this.#transactions?.startAt(partition, begin.at);
    const epoch = ++lastEpoch;
    const origin = { source: node, lane: name, codec };
    const lane = new KafkaLane(
      { name, partition, epoch, begin: begin.at, committed: begin.pin ? begin.at : committed, high },
      this.#handlers,
      makeMessages(origin),
    );
    this.#lanes.set(partition, lane);
    this.#handlers.assigned(name, epoch);
    session.open(lane);
  }

  #halt(partition: number, gone: number): void {
    const lane = this.#nameLane(partition);
    const message = `Retention removed ${gone} messages of ${lane} before they were consumed. Nothing else of it is consumed until you choose where to go on: at the earliest that is left, or at the latest.`;
    this.#handlers.state({ is: "halted", cause: { code: "position-gone", message }, lane });
  }

  /** Writes down what is settled: one commit at a time; a failed one is made good by the next. */
  #commit(): Promise<void> {
    this.#committing ??= this.#commitNow().finally(() => {
      this.#committing = undefined;
    });
    return this.#committing;
  }

  async #commitNow(): Promise<void> {
    if (this.#transactions !== undefined) return;
    const session = this.#session;
    const due = [...this.#lanes.values()].filter((lane) => lane.settled > lane.committed);
    if (session === undefined || due.length === 0) return;
    const offsets = due.map((lane) => ({ lane, partition: lane.partition, offset: lane.settled }));
    try {
      await session.commit(offsets);
      for (const { lane, offset } of offsets) lane.committed = offset;
    } catch (error) {
      if (!isRebalance(error)) this.#warn(`positions could not be committed yet: ${errorType(error) || "no answer"}`);
    }
  }

  /** Takes all lanes back: resolves when nothing of them is in work, after `meanwhile` with them still known. */
  async #revokeAll(beforeForgetting?: () => Promise<void>): Promise<void> {
    const lanes = [...this.#lanes.values()];
    this.#closeLanes();
    await Promise.all(lanes.map((lane) => this.#handlers.revoked(lane.name, lane.epoch)));
    if (beforeForgetting !== undefined) {
      await this.#committing;
      await beforeForgetting();
    }
    await this.#transactions?.close();
    for (const lane of lanes) {
      if (this.#lanes.get(lane.partition) === lane) this.#lanes.delete(lane.partition);
    }
  }

  #nameLane(partition: number): string {
    const { topic, ownName = "" } = this.#options;
    return `${topic}${ownName}/${partition}`;
  }

  #find(name: string, epoch: number): KafkaLane | undefined {
    const lane = this.#lanes.get(Number(name.slice(name.lastIndexOf("/") + 1)));
    return lane?.epoch === epoch ? lane : undefined;
  }

  #closeLanes(): void {
    for (const lane of this.#lanes.values()) lane.close();
  }

  #forgetDeleted(): void {
    if (this.#settled.size === 0) return;
    this.#settled.clear();
    this.#wasDeleted = true;
  }

  #isOver(session: KafkaSession, join: number): boolean {
    return this.#stopping || this.#session !== session || this.#joins !== join;
  }

  async #refreshWatermarks(): Promise<void> {
    const topic = this.#topic;
    if (topic === undefined || Date.now() - this.#watermarksAt < watermarksEveryMs) return;
    this.#watermarksAt = Date.now();
    const asking = this.#questions.watermarks([topic]).then((marks) => {
      for (const [partition, { high }] of marks.get(topic.topic) ?? []) {
        const lane = this.#lanes.get(partition);
        if (lane !== undefined) lane.high = Math.max(lane.high ?? 0, high);
      }
    });
    await withTimeout(asking, 400);
  }

  #report(error: unknown, forMs: number): void {
    // The next session finds the gap and says what is to be said about it, or the owner that came.
    if (errorType(error) === "OFFSET_OUT_OF_RANGE" || isFenced(error)) return;
    if (isPassing(error) && forMs < passingMs) return;
    const cause: Cause = causeOf(error, this.#settings.address, this.#options.topic);
    this.#handlers.state({ is: "degraded", cause });
    if (cause.message !== this.#lastWarning)
      this.#warn(`consumer of ${this.#options.topic} keeps trying: ${cause.message}`);
    this.#lastWarning = cause.message;
  }

  #warn(message: string): void {
    this.#settings.log("warn", message, { node: this.#options.node, group: this.#options.groupId });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function isRebalance(error: unknown): boolean {
  return ["REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "NOT_COORDINATOR_FOR_GROUP"].includes(
    errorType(error),
  );
}
