import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload } from "kafkajs";
import { makeAssigners } from "./assigner";
import type { CarriedGroup } from "./carried";
import { errorType } from "./causes";
import { createClient, type KafkaBroker, type KafkaCluster, type KafkaSettings } from "./client";
import type { FetchedRecords } from "./fetch-answer";
import { shareFetches } from "./fetch-share";
import type { KafkaLane } from "./lane";
import type { OpenRequest, Requests } from "./requests";

/** A member that was killed is missed for so long, its place is given on at the others' next heartbeat, and they end what they have in hand: within 15 s in all. */
const sessionTimeoutMs = 9_000;
const rebalanceTimeoutMs = 20_000;
const heartbeatIntervalMs = 1_000;
/** How long a fetch waits for messages; also how late a lane that has room again is fetched. */
const fetchWaitMs = 250;
/** A full lane holds up the others' next fetch for so long; then it is paused, and they go on without it. */
const roomWaitMs = 200;
/** Without a sign of the client for so long, something in it hangs: a new one is made. */
const silentMs = 30_000;
const closeTimeoutMs = 5_000;
const expelTimeoutMs = 2_000;
/** Joining takes as long as the other members do: meanwhile the broker is asked for something that it answers at once. */
const askAfterMs = 1_000;
const askEveryMs = 1_000;

export interface SessionHooks {
  /** Before the group is joined again: give up the lanes, and commit. The join waits. */
  leaving(): Promise<void>;
  /** These partitions are ours; all are paused until `open`. */
  joined(partitions: readonly number[]): void;
  lane(partition: number): KafkaLane | undefined;
  /** Asks the broker for something over another connection. @throws when it is not there */
  ask(): Promise<unknown>;
  /** Takes one out of the group that waits to be let in: over its own connection it is only heard when it is. */
  expel(memberId: string): Promise<void>;
}

/** One life of a kafkajs consumer, from joining the group to the first thing it does not recover from by itself. */
export class KafkaSession {
  readonly #topic: string;
  readonly #consumer: Consumer;
  readonly #hooks: SessionHooks;
  readonly #cluster: KafkaCluster;
  readonly #requests: Requests;
  /** Who we are in the group, or wait to be, for the next session; empty while nobody, or while this one may still be alive. */
  memberId: string;
  #formerMemberId: string;
  #lastSign = performance.now();
  #isSilent = false;
  #askedAt = 0;
  #gate: Promise<void> | undefined;
  #fail: (error: unknown) => void = () => {};
  readonly #ended: Promise<void>;
  #end: () => void = () => {};

  /** `memberId` of the session before, when that one is over for certain. */
  constructor(settings: KafkaSettings, topic: string, carried: CarriedGroup, memberId: string, hooks: SessionHooks) {
    this.#topic = topic;
    this.#hooks = hooks;
    this.memberId = memberId;
    this.#formerMemberId = memberId;
    const { kafka, clusters, requests } = createClient(settings);
    this.#requests = requests;
    requests.onSilence((error) => this.#failSilent(error));
    this.#consumer = kafka.consumer({
      groupId: carried.group,
      partitionAssigners: makeAssigners(carried),
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      heartbeatInterval: heartbeatIntervalMs,
      maxWaitTimeInMs: fetchWaitMs,
      metadataMaxAge: 30_000,
      allowAutoTopicCreation: false,
      // Restarting is ours: kafkajs gives up on some errors without a word to its caller.
      retry: { retries: 2, initialRetryTime: 200, maxRetryTime: 1_000, restartOnFailure: async () => false },
    });
    this.#cluster = clusters[0]!;
    this.#ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.#ended.catch(() => {});
    this.#guardOffsets();
    this.#gateJoins();
    this.#listen();
  }

  /** Joins and consumes until `close`. @throws what ended it otherwise. */
  async run(): Promise<void> {
    const watchdog = this.#watch();
    const endShare = shareFetches(this.#cluster);
    try {
      await Promise.race([this.#start(), this.#ended]);
      await this.#ended;
    } finally {
      clearInterval(watchdog);
      endShare();
      await this.#disconnect();
    }
  }

  /** The request that has waited longest for its answer. */
  get waitingFor(): OpenRequest | undefined {
    return this.#requests.oldest();
  }

  /** Leaves the group. */
  close(): void {
    this.#end();
  }

  /** Ends the session with an error: the caller makes a new one. */
  fail(error: unknown): void {
    this.#fail(error);
  }

  /** Lets a lane be fetched from its `expected` offset on. */
  open(lane: KafkaLane): void {
    this.#consumer.seek({ topic: this.#topic, partition: lane.partition, offset: String(lane.expected) });
    this.#consumer.resume([{ topic: this.#topic, partitions: [lane.partition] }]);
  }

  /** @throws when the broker refuses, or the group has moved on. */
  async commit(offsets: readonly { partition: number; offset: number }[]): Promise<void> {
    await this.#consumer.commitOffsets(
      offsets.map(({ partition, offset }) => ({ topic: this.#topic, partition, offset: String(offset) })),
    );
  }

  #failSilent(error: unknown): void {
    this.#isSilent = true;
    this.#fail(error);
  }

  async #disconnect(): Promise<void> {
    const { joiningAs } = this.#requests;
    // Who does not answer would not answer a farewell, and who is not in the group must not join it as the next session does.
    if (this.#isSilent || joiningAs !== "" || this.#formerMemberId !== "") this.#requests.break();
    if (joiningAs !== "") {
      // The group waits for it until its session runs out: whom nobody takes out has to come back.
      this.memberId = joiningAs;
      if (!this.#isSilent) await withTimeout(this.#expel(joiningAs), expelTimeoutMs);
    }
    const leaving = this.#consumer.disconnect();
    if (await withTimeout(leaving, closeTimeoutMs)) return;
    this.#requests.break();
    // Two sessions with one id would both consume: the next may take it over only when this one is gone.
    if (!(await withTimeout(leaving, 1_000))) this.memberId = "";
  }

  async #expel(memberId: string): Promise<void> {
    await this.#hooks.expel(memberId);
    this.memberId = "";
  }

  async #start(): Promise<void> {
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic: this.#topic, fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 256,
      eachBatch: (payload) => this.#take(payload),
    });
  }

  /**
   * Takes a fetched batch into its lane and returns at once while there is room. It must not wait for the engine: kafkajs
   * fetches again, and sends heartbeats, only when every batch of the last fetch is through, so one held lane would hold all.
   */
  async #take({ batch, resolveOffset }: EachBatchPayload): Promise<void> {
    const lane = this.#hooks.lane(batch.partition);
    if (lane === undefined || lane.isClosed) return;
    const { fetchedOffset } = batch as unknown as { fetchedOffset: string };
    // Fetched before a rebalance, or for a position that kafkajs chose by itself: fetch again where the lane is.
    if (Number(fetchedOffset) !== lane.expected) {
      this.#consumer.seek({ topic: this.#topic, partition: lane.partition, offset: String(lane.expected) });
      return;
    }
    const fetched = batch.messages[0] as unknown as FetchedRecords | undefined;
    if (fetched === undefined) return;
    lane.push(fetched.batches, fetched.end, Number(batch.highWatermark));
    resolveOffset(fetched.offset);
    if (!lane.isFull || (await lane.waitForRoom(roomWaitMs))) return;
    const at = [{ topic: this.#topic, partitions: [lane.partition] }];
    if (lane.isClosed || this.#hooks.lane(lane.partition) !== lane) return;
    this.#consumer.pause(at);
    lane.onRoom(() => {
      if (!lane.isClosed && this.#hooks.lane(lane.partition) === lane) this.#consumer.resume(at);
    });
  }

  #listen(): void {
    const { events } = this.#consumer;
    const sign = () => {
      this.#lastSign = performance.now();
    };
    this.#consumer.on(events.FETCH, sign);
    this.#consumer.on(events.HEARTBEAT, sign);
    this.#consumer.on(events.START_BATCH_PROCESS, sign);
    // Both are emitted synchronously: the next thing that kafkajs does is join, or fetch.
    this.#consumer.on(events.REBALANCING, () => {
      sign();
      this.#gate = this.#hooks.leaving();
    });
    this.#consumer.on(events.GROUP_JOIN, (event: ConsumerGroupJoinEvent) => {
      sign();
      this.#gate = undefined;
      this.#requests.joiningAs = "";
      this.memberId = event.payload.memberId;
      const partitions = event.payload.memberAssignment[this.#topic] ?? [];
      if (partitions.length > 0) this.#consumer.pause([{ topic: this.#topic, partitions: [...partitions] }]);
      this.#hooks.joined(partitions);
    });
    this.#consumer.on(events.CRASH, ({ payload }) => this.#fail(payload.error));
  }

  /**
   * kafkajs joins as soon as it hears of a rebalance; the first thing that it asks for then is the coordinator, and it waits
   * here for the lanes. After a broken connection it joins as somebody new, and the group waits for the one it was until that
   * one's session runs out: here it comes back as the same.
   */
  #gateJoins(): void {
    const find = this.#cluster.findGroupCoordinator.bind(this.#cluster);
    this.#cluster.findGroupCoordinator = async (group) => {
      const gate = this.#gate;
      this.#gate = undefined;
      await gate;
      const coordinator = await find(group);
      if (this.#formerMemberId !== "") this.#returnAs(coordinator);
      return coordinator;
    };
  }

  #returnAs(coordinator: KafkaBroker): void {
    const join = coordinator.joinGroup.bind(coordinator);
    coordinator.joinGroup = (request) => {
      const memberId = request.memberId || this.#formerMemberId;
      // Once: when the group does not know it any more, the next try is as somebody new.
      this.#formerMemberId = "";
      return join({ ...request, memberId });
    };
  }

  /**
   * When a position is out of range, kafkajs commits -1 in its place and goes on at the default without a word. Its look-up of
   * that default fails here instead, which ends the session; the next one sees the gap and does what the flow says.
   */
  #guardOffsets(): void {
    let listing = false;
    const list = this.#cluster.fetchTopicsOffset.bind(this.#cluster);
    this.#cluster.fetchTopicsOffset = (topics) => {
      listing = true;
      try {
        return list(topics);
      } finally {
        listing = false;
      }
    };
    const choose = this.#cluster.defaultOffset.bind(this.#cluster);
    this.#cluster.defaultOffset = (config) => {
      if (listing) return choose(config);
      throw Object.assign(new Error("the position is out of range"), { retriable: false, type: "OFFSET_OUT_OF_RANGE" });
    };
  }

  #watch(): NodeJS.Timeout {
    const everyMs = 1_000;
    // By a clock that nobody sets.
    let last = performance.now();
    return setInterval(() => {
      const now = performance.now();
      // Time in which this process itself stood still is not the client's silence.
      const late = now - last - everyMs;
      if (late > everyMs) this.#lastSign += late;
      last = now;
      if (now - this.#lastSign > silentMs) this.#fail(new Error("the client fell silent and timed out"));
      this.#askWhileJoining(Date.now());
    }, everyMs);
  }

  /** A broker that went away while we wait for the other members would be missed only when their time is over. */
  #askWhileJoining(now: number): void {
    const open = this.#requests.oldest();
    const joins = open?.name === "JoinGroup" || open?.name === "SyncGroup";
    if (!joins || now - open.since < askAfterMs || now - this.#askedAt < askEveryMs) return;
    this.#askedAt = Number.POSITIVE_INFINITY;
    this.#hooks
      .ask()
      .catch((error) => {
        if (errorType(error) === "") this.#failSilent(error);
      })
      .finally(() => {
        this.#askedAt = Date.now();
      });
  }
}

/** Waits for a promise, but not longer; its failure does not matter. Answers whether it ended in time. */
export async function withTimeout(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const ended = () => true;
  const inTime = await Promise.race([
    promise.then(ended, ended),
    new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    }),
  ]);
  clearTimeout(timer);
  return inTime;
}
