import { awaitsOf } from "../../flow/saga/machine";
import type { SagaCommand, SagaState } from "../../flow/saga/state";
import { commandOf } from "../../flow/saga/status";
import type { HeldVersion, KeeperHouse } from "../holding/ports";
import { describeError } from "../log";
import type { CommandOrder, Commands } from "./commands";
import { HeldBackNodes } from "./held-back";
import { type CommandUnderWay, type Followed, type HeldSaga, type SentCommand, sentCommandsOf } from "./held-saga";
import { JobWatches } from "./job-watches";
import { openVersion } from "./open-version";
import type { SagaArrivals } from "./saga-arrivals";
import type { SagaEnds } from "./saga-ends";
import type { SagaHand } from "./saga-hand";
import { endOf } from "./saga-times";
import type { SagaWork } from "./saga-work";

/** Carries out what has been written of sagas: their commands, the looks for what has come before, their ends. */
export class SagaErrands {
  readonly #watches = new JobWatches();
  readonly #heldBack = new HeldBackNodes();

  constructor(
    readonly house: KeeperHouse,
    readonly hand: SagaHand,
    readonly commands: Commands,
    readonly arrivals: SagaArrivals,
    readonly ends: SagaEnds,
  ) {}

  follow({ saga, state, commands, work, version, looks, ends }: Followed): void {
    for (const command of commands) void this.#carryOut(saga, state, command, work, version.version);
    if (looks) saga.looked.clear();
    const fresh = state.visits.filter(
      ({ node, state: at, awaits }) => at === "waiting" && awaits !== undefined && !saga.looked.has(node),
    );
    if (fresh.length > 0) {
      for (const { node } of fresh) saga.looked.add(node);
      void this.#run(saga, () => this.arrivals.look(saga.id, awaitsOf(state)));
    }
    const hasTurned = state.phase === "backward";
    if (looks || hasTurned) {
      for (const sent of sentCommandsOf(state)) {
        if (looks || sent.side === "action") void this.#look(saga, state, sent, work, version.version);
      }
    }
    if (ends && !saga.isEnding && endOf(state, work).isOpen) {
      saga.isEnding = true;
      void this.#run(saga, async () => {
        try {
          await this.ends.handOn(saga, state, work, version.version);
        } finally {
          saga.isEnding = false;
        }
      });
    }
  }

  stop(): void {
    this.#watches.stop();
    this.#heldBack.clear();
  }

  /** Something to be done for a saga beside its commands. What fails is done again by whoever takes the saga when its lease runs out. */
  async #run(saga: HeldSaga, errand: () => Promise<void>): Promise<void> {
    saga.errands++;
    try {
      await errand();
    } catch (error) {
      saga.lapses = true;
      if (!this.hand.isStopping)
        this.house.log.warn({ saga: saga.id, ...describeError(error) }, "a saga waits for a later try");
    } finally {
      saga.errands--;
      this.hand.release(saga);
    }
  }

  async #carryOut(
    saga: HeldSaga,
    state: SagaState,
    command: SagaCommand,
    work: SagaWork,
    versionNumber: number,
  ): Promise<void> {
    const { node, side, attempt, key } = command;
    const entry: CommandUnderWay = { attempt, abort: new AbortController(), isOver: false };
    saga.underWay.set(key, entry);
    let version: HeldVersion | undefined;
    try {
      version = await openVersion(this.house, versionNumber);
      const order: CommandOrder = { command, saga: state, work, version, signal: entry.abort.signal };
      const sent = await this.commands.send(order);
      entry.isOver = true;
      if (sent.is === "stopped") {
        if (this.hand.isStopping) await this.hand.keep(saga.id, { is: "handed-back", node, side, attempt });
        return;
      }
      const at = this.house.now();
      if (sent.is === "answered") {
        const event = { is: "outcome", node, side, attempt, result: { ...sent.result, at } } as const;
        const applied = await this.hand.keep(saga.id, event);
        if (applied.is === "changed") this.#heldBack.tell(version.countersOf(node), applied.state, node, side, at);
        return;
      }
      const noted = await this.hand.keep(saga.id, { is: "sent", node, side, attempt });
      // Its answer may have been faster.
      if (noted.is === "changed") await this.#afterSent(order);
    } catch (error) {
      // Its lease runs out, and it is sent again.
      saga.lapses = true;
      if (!this.hand.isStopping)
        this.house.log.warn({ saga: saga.id, node, ...describeError(error) }, "a command waits for a later try");
    } finally {
      version?.release();
      if (saga.underWay.get(key) === entry) saga.underWay.delete(key);
      saga.letGo(command);
      this.hand.release(saga);
    }
  }

  /** Its answer is somewhere else by now, or will be: waits for it there, where that can be. */
  async #afterSent(order: CommandOrder): Promise<void> {
    const { command, saga, version } = order;
    const job = this.commands.jobOf(order);
    if (job) {
      const { node, side, attempt } = command;
      const held = await openVersion(this.house, version.version);
      this.#watches.watch(
        job,
        (result) => {
          const event = { is: "outcome", node, side, attempt, result: { ...result, at: this.house.now() } } as const;
          this.hand.keep(saga.id, event).catch(() => {});
        },
        () => held.release(),
      );
    }
    // A saga of another flow may have ended before it was written that this one waits for it.
    if (order.work.callOf(command.node, command.side)?.call === "sub") this.hand.look(saga.id);
  }

  /** Looks at the job, or at the saga of another flow, whose end is waited for. */
  async #look(
    saga: HeldSaga,
    state: SagaState,
    { node, side, attempt, key }: SentCommand,
    work: SagaWork,
    versionNumber: number,
  ): Promise<void> {
    const by = work.callOf(node, side)?.call;
    if ((by !== "queue" && by !== "sub") || saga.underWay.has(key)) return;
    if (by === "queue" && this.#watches.has(key, attempt)) return;
    const visit = state.visits.find((each) => each.node === node)!;
    const command = commandOf(state, visit, side);
    await this.#run(saga, async () => {
      const version = await openVersion(this.house, versionNumber);
      try {
        const { signal } = new AbortController();
        const order = { command, saga: state, work, version, signal };
        if (state.phase === "backward" && side === "action") await this.commands.turnBack(order);
        const sent = await this.commands.look(order);
        if (sent.is !== "answered") return;
        const result = { ...sent.result, at: this.house.now() };
        await this.hand.keep(saga.id, { is: "outcome", node, side, attempt, result });
      } finally {
        version.release();
      }
    });
  }
}
