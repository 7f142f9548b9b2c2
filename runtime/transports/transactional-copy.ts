import type { SourceHandlers, Transaction } from "../../flow/behaviour";
import type { KafkaPort } from "../../flow/connection-ports";
import type { Message } from "../../flow/message";
import { isFailure } from "../../flow/verdict";
import { sleep, waitAtMost } from "../backoff";
import { TransportError } from "../transport";

const batchMessages = 500;
const roomMessages = 1_000;
/** As the engine has it: what is on its way when a lane is taken away may still end within this time. */
const revokePatienceMs = 4_000;

interface CopyLane {
  readonly epoch: number;
  queue: Message[];
  ended: boolean;
  loop: Promise<void> | undefined;
  admit: () => void;
}

/** Copies what it is handed to a topic, each batch with its position in one transaction: the least that an engine does. */
export class TransactionalCopy implements SourceHandlers {
  readonly states: string[] = [];
  /** Why transactions were not begun, not written or not committed: codes, in order. */
  readonly failures: string[] = [];
  committed = 0;
  aborted = 0;
  source: Awaited<ReturnType<KafkaPort["consume"]>> | undefined;
  /** Between writing and committing. */
  beforeCommit: (lane: string, transaction: Transaction) => Promise<void> | void = () => {};
  readonly #port: KafkaPort;
  readonly #to: string;
  readonly #lanes = new Map<string, CopyLane>();
  readonly #signal = new AbortController().signal;

  constructor(port: KafkaPort, to: string) {
    this.#port = port;
    this.#to = to;
  }

  get lanes(): string[] {
    return [...this.#lanes.keys()];
  }

  assigned(name: string, epoch: number): void {
    this.#lanes.set(name, { epoch, queue: [], ended: false, loop: undefined, admit: () => {} });
  }

  async deliver(name: string, epoch: number, messages: readonly Message[]): Promise<void> {
    const lane = this.#lanes.get(name);
    if (lane?.epoch !== epoch || lane.ended) return;
    lane.queue.push(...messages);
    lane.loop ??= this.#run(name, lane);
    if (lane.queue.length < roomMessages) return;
    await new Promise<void>((resolve) => {
      lane.admit = resolve;
    });
  }

  async revoked(name: string, epoch: number): Promise<void> {
    const lane = this.#lanes.get(name);
    if (lane?.epoch !== epoch) return;
    this.#lanes.delete(name);
    lane.ended = true;
    lane.queue = [];
    lane.admit();
    await waitAtMost(lane.loop ?? null, revokePatienceMs);
  }

  state(state: Parameters<SourceHandlers["state"]>[0]): void {
    this.states.push(state.is === "running" ? state.is : `${state.is} ${state.cause.code}`);
  }

  async stop(): Promise<void> {
    for (const [name, { epoch }] of this.#lanes) await this.revoked(name, epoch);
    await this.source?.stop();
  }

  async #run(name: string, lane: CopyLane): Promise<void> {
    while (lane.queue.length > 0 && !lane.ended) {
      const batch = lane.queue.splice(0, batchMessages);
      while (!lane.ended && !(await this.#copy(name, lane, batch))) await sleep(50);
      if (lane.queue.length < roomMessages) lane.admit();
    }
    lane.loop = undefined;
  }

  /** Answers whether the batch was committed. */
  async #copy(name: string, lane: CopyLane, batch: readonly Message[]): Promise<boolean> {
    let transaction: Transaction | undefined;
    try {
      transaction = await this.source!.transact!(name, lane.epoch);
      const records = batch.map(({ key, value, headers }) => ({ topic: this.#to, key, value, headers }));
      const verdicts = await this.#port.produce(records, this.#signal, transaction);
      const failure = verdicts.find(isFailure);
      if (failure !== undefined) throw new TransportError(failure.cause);
      await this.beforeCommit(name, transaction);
      await transaction.commit(batch.at(-1)!.meta.position);
      this.committed += batch.length;
      return true;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      this.failures.push(error.reason.code);
      await transaction?.abort();
      this.aborted++;
      return false;
    }
  }
}
