import type {
  Delivery as DeliveryMode,
  LaneProgress,
  NodeContext,
  OpenSource,
  Outcome,
  SourceBehaviour,
  SourceContext,
  SourceHandlers,
  StartingPlace,
  Transaction,
} from "../flow/behaviour";
import type { LaneLive } from "../flow/control";
import type { Message } from "../flow/message";
import type { Cause } from "../flow/verdict";
import { computeDependencyDelay, sleep, waitAtMost } from "./backoff";
import { ContiguousLane } from "./contiguous-lane";
import type { Flight } from "./flight";
import { IndividualLane } from "./individual-lane";
import type { Lane } from "./lane";
import type { LaneVerdict, Station } from "./lane-state";
import { LaneWatch } from "./lane-watch";
import { describeError, type Log } from "./log";
import { toCause } from "./node-failure";
import type { Window } from "./pipeline";

/** How a source fares: its own words, or those of the host that tries to open it. */
export interface SourceStatus {
  readonly is: "starting" | "running" | "degraded" | "halted";
  readonly cause?: Cause;
}

export interface SourceHostOptions {
  readonly node: string;
  readonly behaviour: SourceBehaviour<never>;
  readonly config: unknown;
  readonly groupId: string;
  readonly worker: string;
  readonly start: StartingPlace;
  readonly delivery: DeliveryMode;
  /** The node's context, opened anew for each try: a connection may have appeared. @throws when it is missing */
  context(): NodeContext;
  /** Does it lead to anything that answers, in the version that is current? Absent: no. */
  responds?(): boolean;
  /** Sends messages on their way through the version that is current. */
  begin(messages: readonly Message[]): Flight;
  /** Called before a lane begins, which waits for it, and when one has ended. */
  openLane?(lane: string): Promise<void>;
  closeLane?(lane: string): void;
  /** How much of a lane may be on its way at once. */
  window(): Window;
  deliver(flight: Flight): Promise<boolean>;
  onStatus(status: SourceStatus): void;
  readonly log: Log;
}

/** What a run-once source brings from its lease. */
export interface HostLease {
  readonly counter: bigint;
  /** Notes how far the source is settled. */
  settled(position: string): void;
}

/** What is on its way when a lane is taken away may still end within this time: its broker waits, but not for long. */
const revokePatienceMs = 4_000;
const progressTimeoutMs = 3_000;

/**
 * Holds a source open across versions of its flow. Its lanes hand batches to whichever version is current, so that a version takes
 * over between two batches, lane by lane, without the source noticing. Opens it again and again while it cannot be opened.
 */
export class SourceHost {
  #source: OpenSource | null = null;
  readonly #lanes = new Map<string, Lane>();
  readonly #endings = new Map<string, Promise<void>>();
  readonly #abort = new AbortController();
  #progress = new Map<string, LaneProgress>();
  readonly #watches = new Map<string, LaneWatch>();
  /** Lanes that were taken away, as they were last: told until it is known what became of them. */
  readonly #gone = new Map<string, LaneLive>();
  #status: SourceStatus = { is: "starting" };
  #statusSince = Date.now();
  #lastError: LaneLive["lastError"];
  #reading = false;
  #opening: Promise<void> | null = null;
  #announceReady: () => void = () => {};
  /** A source may hand over before its `open` has answered: nothing is worked before there is somewhere to settle. */
  readonly #ready: Promise<void>;

  constructor(
    readonly options: SourceHostOptions,
    readonly lease?: HostLease,
  ) {
    this.#ready = new Promise((resolve) => {
      this.#announceReady = resolve;
    });
  }

  /** Begins to open it; returns at once. */
  start(): void {
    this.#become({ is: "starting" });
    this.#opening = this.#open();
  }

  /** For webhooks: the open source, when there is one. */
  get source(): OpenSource | null {
    return this.#source;
  }

  /** Takes nothing more, ends what is on its way, settles, leaves. Never rejects. */
  async stop(patienceMs: number): Promise<void> {
    this.#abort.abort();
    this.#announceReady();
    await waitAtMost(this.#opening, patienceMs);
    await Promise.all([...this.#lanes.values()].map((lane) => lane.end(patienceMs)));
    await Promise.all(this.#endings.values());
    this.#lanes.clear();
    const source = this.#source;
    this.#source = null;
    await source?.stop().catch((error: unknown) => {
      this.options.log.warn({ node: this.options.node, ...describeError(error) }, "source did not stop cleanly");
    });
  }

  /** Asks the source how far it is behind; the answer is there for the next `lanes()`. */
  async readProgress(): Promise<void> {
    if (!this.#source || this.#reading) return;
    this.#reading = true;
    try {
      const progress = await waitAtMost(this.#source.progress(), progressTimeoutMs);
      if (progress) this.#progress = new Map(progress.map((lane) => [lane.lane, lane]));
    } catch {
      // The source tells by its state that its broker is away; the last known lag stands.
    } finally {
      this.#reading = false;
    }
  }

  lanes(): LaneLive[] {
    const call = this.#source?.waiting?.();
    const lanes = [...this.#lanes.values()].map((lane): LaneLive => {
      const progress = this.#progress.get(lane.name);
      return this.#tellState(
        {
          node: this.options.node,
          lane: lane.name,
          position: lane.position ?? progress?.position ?? null,
          lag: progress?.lag ?? null,
          inFlight: lane.inFlight,
          full: lane.full,
          lastProgressAt: lane.lastProgressAt,
          ...(progress?.ended ? { ended: true } : {}),
        },
        lane,
        call,
      );
    });
    const gone = [...this.#gone.values()].filter(({ lane }) => !this.#lanes.has(lane));
    return [
      ...lanes,
      ...gone.map((lane) => {
        // Of a source that waits for a person nobody counts what waits meanwhile.
        const lag = this.#status.is === "halted" ? null : lane.lag;
        return this.#tellState({ ...lane, lag, inFlight: 0, full: false, gone: true }, undefined, call);
      }),
    ];
  }

  #tellState(
    known: Omit<LaneLive, "state" | "since">,
    lane?: Lane,
    call?: ReturnType<NonNullable<OpenSource["waiting"]>>,
  ): LaneLive {
    const now = Date.now();
    let watch = this.#watches.get(known.lane);
    if (!watch) {
      watch = new LaneWatch((verdict, before) => this.#logState(known.lane, verdict, before), now);
      this.#watches.set(known.lane, watch);
    }
    const { is, cause } = this.#status;
    const station = lane?.oldest && findStation(lane.oldest);
    const facts = {
      lag: known.lag,
      inFlight: known.inFlight,
      full: known.full,
      ...(is === "degraded" && cause ? { away: { cause, forMs: now - this.#statusSince } } : {}),
      ...(call ? { call: { what: call.what, forMs: now - call.since } } : {}),
      ...(station ? { station } : {}),
    };
    const lastError = newest(lane?.oldest?.lastFailure ?? lane?.lastFailure, this.#lastError);
    // What a lane that is gone was last is not what it is now.
    const { cause: _before, ...rest } = known;
    return { ...rest, ...(lastError ? { lastError } : {}), ...watch.look(facts, known.lastProgressAt, now) };
  }

  #logState(lane: string, verdict: LaneVerdict, before: LaneVerdict): void {
    const { node, log } = this.options;
    if (verdict.state === "stalled") log.warn({ node, lane, ...verdict.cause }, "lane stands still");
    else if (before.state === "stalled") log.info({ node, lane, state: verdict.state }, "lane goes on");
  }

  #become(status: SourceStatus): void {
    const now = Date.now();
    if (status.is !== this.#status.is) this.#statusSince = now;
    this.#status = status;
    if (status.cause) this.#lastError = { ...status.cause, at: now };
    if (status.is === "running") this.#gone.clear();
    this.options.onStatus(status);
  }

  async #open(): Promise<void> {
    const { behaviour, config, log, node } = this.options;
    for (let refusals = 1; !this.#abort.signal.aborted; refusals++) {
      try {
        let told = false;
        const source = await behaviour.open(
          config as never,
          this.#makeContext(),
          this.#makeHandlers(() => (told = true)),
        );
        if (this.#abort.signal.aborted) {
          // It answered after it was given up.
          await source.stop();
          return;
        }
        this.#source = source;
        this.#announceReady();
        if (!told) this.#become({ is: "running" });
        return;
      } catch (error) {
        const cause = toCause(error);
        if (refusals === 1)
          log.warn({ node, cause: cause.code, ...describeError(error) }, "source cannot be opened yet");
        if (!this.#abort.signal.aborted) this.#become({ is: "degraded", cause });
        await sleep(computeDependencyDelay(refusals, undefined), this.#abort.signal);
      }
    }
  }

  #makeContext(): SourceContext {
    const { groupId, worker, start, delivery } = this.options;
    return {
      ...this.options.context(),
      responds: () => this.options.responds?.() === true,
      groupId,
      worker,
      start,
      delivery,
      counter: this.lease?.counter ?? 0n,
      signal: this.#abort.signal,
    };
  }

  #makeHandlers(tell: () => void): SourceHandlers {
    return {
      assigned: (lane, epoch) => this.#assign(lane, epoch),
      deliver: (lane, epoch, messages) => {
        const open = this.#lanes.get(lane);
        return open?.epoch === epoch ? open.deliver(messages) : Promise.resolve();
      },
      revoked: (lane, epoch) => this.#revoke(lane, epoch),
      state: (state) => {
        tell();
        if (!this.#abort.signal.aborted) this.#become(state);
      },
    };
  }

  #assign(name: string, epoch: number): void {
    if (this.#abort.signal.aborted) return;
    const earlier = this.#lanes.get(name);
    if (earlier && earlier.epoch >= epoch) return;
    if (earlier) void this.#revoke(name, earlier.epoch);
    const host = {
      begin: this.options.begin,
      window: this.options.window,
      transact: (lane: string, laneEpoch: number) =>
        this.options.delivery === "exactly-once" ? this.#transact(lane, laneEpoch) : undefined,
      deliver: this.options.deliver,
      settle: (lane: string, laneEpoch: number, position: string, outcome: Outcome) => {
        this.#source?.settle(lane, laneEpoch, position, outcome);
        this.lease?.settled(position);
      },
      release: (lane: string, laneEpoch: number, position: string) =>
        this.#source?.release?.(lane, laneEpoch, position),
    };
    const after = Promise.all([this.#ready, this.#endings.get(name)]).then(() => this.options.openLane?.(name));
    const { behaviour, config } = this.options;
    const settles = typeof behaviour.settles === "function" ? behaviour.settles(config as never) : behaviour.settles;
    const Kind = settles === "contiguous" ? ContiguousLane : IndividualLane;
    this.#lanes.set(name, new Kind(name, epoch, host, after));
  }

  /** Begins a transaction, again and again while the broker is away; `null` when the lane is over. */
  async #transact(lane: string, epoch: number): Promise<Transaction | null> {
    for (let refusals = 1; this.#lanes.get(lane)?.epoch === epoch && !this.#abort.signal.aborted; refusals++) {
      try {
        const transaction = await this.#source?.transact?.(lane, epoch);
        if (!transaction) throw new Error("This source has no transactions.");
        if (refusals > 1) this.#become({ is: "running" });
        return transaction;
      } catch (error) {
        const { log, node } = this.options;
        if (refusals === 1) log.warn({ node, lane, ...describeError(error) }, "transaction cannot be begun yet");
        this.#become({ is: "degraded", cause: toCause(error) });
        await sleep(computeDependencyDelay(refusals, undefined), this.#abort.signal);
      }
    }
    return null;
  }

  #remember(lane: Lane): void {
    const [last] = this.lanes().filter((each) => each.lane === lane.name);
    if (last) this.#gone.set(lane.name, last);
  }

  #revoke(name: string, epoch: number): Promise<void> {
    const lane = this.#lanes.get(name);
    if (lane?.epoch !== epoch) return this.#endings.get(name) ?? Promise.resolve();
    this.#remember(lane);
    this.#lanes.delete(name);
    const ending = Promise.all([this.#endings.get(name), lane.end(revokePatienceMs)]).then(() => {
      if (this.#endings.get(name) !== ending) return;
      this.#endings.delete(name);
      this.options.closeLane?.(name);
      if (!this.#gone.has(name)) this.#watches.delete(name);
    });
    this.#endings.set(name, ending);
    return ending;
  }
}

function findStation(flight: Flight): Station | undefined {
  const at = flight.station;
  if (!at) return undefined;
  const { node, counters, work } = at.stage;
  return {
    node,
    forMs: at.forMs,
    quietMs: counters.latency.quietMs(performance.now()),
    keepsPace: work.role === "call" && work.gate.keepsPace,
    ...(flight.isHeld && flight.lastFailure ? { hold: flight.lastFailure } : {}),
  };
}

function newest(a: LaneLive["lastError"] | null, b: LaneLive["lastError"]): LaneLive["lastError"] {
  return !a || (b && b.at > a.at) ? b : a;
}
