import type { ProducerOptions } from "../../../flow/connections/pulsar-port";
import type { PulsarTopic } from "../../../flow/connections/pulsar-topic";
import { type Cause, done, rejected, type Verdict } from "../../../flow/verdict";
import { computeDependencyDelay, sleep } from "../../backoff";
import { TransportError } from "../../transport";
import { formatMessageId, readMessageId } from "./message-id";
import type { Closing, Frame, PulsarClient, PulsarProducer, Refusal } from "./seam";
import { formatTopic } from "./topic";

/** What is written waits so long for a connection that broke; then those who wrote it are told. */
const patienceMs = 4_000;
/** The broker itself gives up on a message after 10 s and says so. */
const answerTimeoutMs = 20_000;
const maxSent = 2_000;
/** The proxy holds what is on its way in its memory, for all its clients together. */
const maxSentSize = 8 * 1024 * 1024;

interface Pending {
  readonly frame: Frame;
  readonly since: number;
  /** Absent: nobody waits for it any more. */
  settle: ((verdict: Verdict) => void) | undefined;
}

/**
 * Writes into one topic for all who do: many messages are on their way at once, known by their marks. When the connection breaks,
 * what was not answered is sent again in its order, before anything newer; when the broker refuses one for now, all behind it are given
 * back to those who wrote them, so that none overtakes it.
 */
export class TopicWriter {
  usedAt = Date.now();
  #waiting: Pending[] = [];
  /** In the order in which they went. */
  readonly #sent = new Map<number, Pending>();
  #sentSize = 0;
  #lastMark = 0;
  #producer: PulsarProducer | undefined;
  #connecting: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly client: PulsarClient,
    private readonly topic: PulsarTopic,
    private readonly options: ProducerOptions,
  ) {}

  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#sent.size === 0;
  }

  /** One verdict each, in their order. Never rejects. */
  write(frames: readonly Frame[], signal: AbortSignal): Promise<Verdict[]> {
    this.usedAt = Date.now();
    if (signal.aborted) return Promise.resolve(frames.map(() => stopped));
    return new Promise((resolve) => {
      const verdicts = new Array<Verdict>(frames.length);
      let open = frames.length;
      const mine = frames.map((frame, index): Pending => {
        const pending: Pending = {
          frame,
          since: this.usedAt,
          settle: (verdict) => {
            pending.settle = undefined;
            verdicts[index] = verdict;
            if (--open > 0) return;
            signal.removeEventListener("abort", onAbort);
            resolve(verdicts);
          },
        };
        return pending;
      });
      const onAbort = () => {
        const given = new Set(mine);
        this.#waiting = this.#waiting.filter((pending) => !given.has(pending));
        for (const { settle } of mine) settle?.(stopped);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      for (const pending of mine) this.#waiting.push(pending);
      this.#flush();
    });
  }

  /** Told from time to time: what the broker owes for too long counts as a connection that broke. */
  look(now: number): void {
    const [oldest] = this.#sent.values();
    if (oldest === undefined || now - oldest.since < answerTimeoutMs) return;
    const message = `Pulsar at ${this.client.address} gave no answer to a message for ${answerTimeoutMs / 1_000} s.`;
    this.#lose({ cause: { code: "broker-unreachable", message } });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#failAll(stopped);
    await this.#leave();
    await this.#connecting;
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const producer = this.#producer;
    if (producer === undefined) {
      this.#connecting ??= this.#connect().finally(() => {
        this.#connecting = undefined;
        // What came while it gave up.
        if (this.#producer === undefined && !this.#closed) this.#flush();
      });
      return;
    }
    let taken = 0;
    for (const pending of this.#waiting) {
      if (this.#sent.size >= maxSent || (this.#sentSize >= maxSentSize && this.#sent.size > 0)) break;
      const mark = ++this.#lastMark;
      this.#sent.set(mark, pending);
      this.#sentSize += pending.frame.size;
      producer.send(mark, pending.frame);
      taken++;
    }
    if (taken === this.#waiting.length) this.#waiting = [];
    else this.#waiting.splice(0, taken);
  }

  async #connect(): Promise<void> {
    for (let refusals = 1; !this.#closed && this.#waiting.length > 0; refusals++) {
      try {
        await this.#open();
        return;
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        const { reason } = error;
        const waitedMs = Date.now() - (this.#waiting[0]?.since ?? 0);
        if (reason.code !== "broker-unreachable" || waitedMs >= patienceMs) {
          this.#failAll({ verdict: "retry", of: "dependency", cause: reason });
          return;
        }
        await sleep(Math.min(computeDependencyDelay(refusals, undefined), 1_000));
      }
    }
  }

  /** What an older connection still tells is of no more interest. */
  async #open(): Promise<void> {
    let producer: PulsarProducer | undefined;
    let lost: Closing | undefined;
    const opened = await this.client.openProducer(this.topic, this.options, {
      answered: (mark, id, refusal) => {
        if (this.#producer === producer) this.#answered(mark, id, refusal);
      },
      closed: (why) => {
        lost = why;
        if (this.#producer !== undefined && this.#producer === producer) this.#lose(why);
      },
    });
    if (lost !== undefined) throw new TransportError((lost as Closing).cause);
    if (this.#closed) return opened.close();
    producer = opened;
    this.#producer = opened;
    this.#flush();
  }

  #answered(mark: number, id: string, refusal: Refusal | undefined): void {
    const pending = this.#sent.get(mark);
    if (pending === undefined) return;
    if (refusal?.of === "broker") {
      this.#giveBack(mark, refusal.cause);
      return;
    }
    this.#sent.delete(mark);
    this.#sentSize -= pending.frame.size;
    if (refusal !== undefined) pending.settle?.({ verdict: "reject", cause: refusal.cause });
    else
      pending.settle?.(id === "" ? done : { verdict: "done", note: { messageId: formatMessageId(readMessageId(id)) } });
    this.usedAt = Date.now();
    this.#flush();
  }

  /** Those before it are still being answered, and are sent again over the next connection if they are not. */
  #giveBack(mark: number, cause: Cause): void {
    const verdict: Verdict = { verdict: "retry", of: "dependency", cause };
    for (const [each, pending] of this.#sent) {
      if (each < mark) continue;
      this.#sent.delete(each);
      pending.settle?.(verdict);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { settle } of waiting) settle?.(verdict);
    this.#lose({ cause });
  }

  #lose({ tooLarge, cause }: Closing): void {
    void this.#leave();
    const unanswered = [...this.#sent.values()].filter(({ settle }) => settle !== undefined);
    this.#sent.clear();
    this.#sentSize = 0;
    if (tooLarge) this.#refuseLargest(unanswered, cause);
    this.#waiting = [...unanswered.filter(({ settle }) => settle !== undefined), ...this.#waiting];
    this.#flush();
  }

  /** The other end only says that one was too large for it: surely the largest is. */
  #refuseLargest(unanswered: readonly Pending[], cause: Cause): void {
    let largest: Pending | undefined;
    for (const pending of unanswered) if (pending.frame.size > (largest?.frame.size ?? 0)) largest = pending;
    const message = `The message takes ${largest?.frame.size ?? 0} bytes on its way to ${formatTopic(this.topic)}, more than Pulsar's WebSocket API takes at once. Raise webSocketMaxTextFrameSize of the brokers, or make it smaller.`;
    largest?.settle?.(rejected("message-too-large", message, cause.message));
  }

  #failAll(verdict: Verdict): void {
    const all = [...this.#sent.values(), ...this.#waiting];
    this.#sent.clear();
    this.#sentSize = 0;
    this.#waiting = [];
    for (const { settle } of all) settle?.(verdict);
  }

  async #leave(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.close();
  }
}

const stopped: Verdict = {
  verdict: "retry",
  of: "dependency",
  cause: { code: "broker-unreachable", message: "Stopped before the messages were written." },
};
