import { type Job, WaitingError, type Worker } from "bullmq";
import type { LaneProgress, OpenSource, Outcome, SourceHandlers } from "../../../flow/behaviour";
import type { QueuePort } from "../../../flow/connection-ports";
import type { Message } from "../../../flow/message";
import type { Answer, ReplyEnd } from "../../../flow/request-reply";
import { encodeUtf8 } from "../../../flow/utf8";
import { sleep } from "../../backoff";
import type { TransportOptions } from "../../transport";
import { within } from "../within";
import { causeOf, isConnectionError, type QueueBackend } from "./backend";
import { toMessage } from "./job-data";
import type { RawJob } from "./raw-job";
import { toResult } from "./request-reply";

export type ConsumeOptions = Parameters<QueuePort["consume"]>[0];

const retryMs = 1_000;
const closeTimeoutMs = 8_000;
const progressTimeoutMs = 400;

/** How the work on a job ended: settled with an outcome, or given back. */
type End = Outcome | "released";

interface Ending {
  readonly end: End;
  readonly answer: Answer | undefined;
}

/** Of a job whose message is in the dead letters, in a flow that would have answered. */
const unanswered: Answer = {
  status: 500,
  headers: {},
  body: encodeUtf8("The flow failed on the message. Its dead letters keep it for a person."),
};

let lastEpoch = 0;

/** A BullMQ worker whose jobs are done when the engine settles them. One lane, named after the queue; positions are job ids. */
export class QueueSource implements OpenSource {
  readonly #backend: QueueBackend;
  readonly #kind: string;
  readonly #options: ConsumeOptions;
  readonly #handlers: SourceHandlers;
  readonly #log: TransportOptions["log"];
  readonly #epoch = ++lastEpoch;
  /** Jobs handed over, with who waits for their end: a job that stalled and came back waits a second time. */
  readonly #open = new Map<string, ((ending: Ending) => void)[]>();
  /** What nodes of the flow have answered to open jobs. */
  readonly #answers = new Map<string, Answer>();
  #pending: Message[] = [];
  #handingOver = false;
  #worker: Worker | undefined;
  #stopping = false;
  #position: string | null = null;
  readonly #starting: Promise<void>;
  readonly #stopListening: () => void;
  readonly #onAbort = () => this.#holdBack();

  constructor(
    backend: QueueBackend,
    kind: string,
    options: ConsumeOptions,
    handlers: SourceHandlers,
    log: TransportOptions["log"],
  ) {
    this.#backend = backend;
    this.#kind = kind;
    this.#options = options;
    this.#handlers = handlers;
    this.#log = log;
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#stopListening = backend.onConnection((lost) => this.#tell(lost));
    this.#starting = this.#start();
  }

  settle(_lane: string, epoch: number, position: string, outcome: Outcome): void {
    if (epoch !== this.#epoch) return;
    this.#position = position;
    this.#end(position, outcome);
  }

  release(_lane: string, epoch: number, position: string): void {
    if (epoch === this.#epoch) this.#end(position, "released");
  }

  async reply({ meta }: Message, answer: Answer): Promise<ReplyEnd> {
    const { position } = meta;
    if (!this.#open.has(position)) return { is: "gone" };
    if (this.#answers.has(position)) return { is: "before" };
    this.#answers.set(position, answer);
    return { is: "answered" };
  }

  async progress(): Promise<LaneProgress[]> {
    const { queue } = this.#options;
    let lag: number | null = null;
    try {
      const counts = await within(this.#backend.queue(queue).getJobCounts("wait", "prioritized"), progressTimeoutMs);
      lag = Object.values(counts).reduce((sum, count) => sum + count, 0);
    } catch {
      // The state says that the broker is away; how many wait is not known meanwhile.
    }
    return [{ lane: queue, lag, position: this.#position }];
  }

  waiting(): { what: string; since: number } | undefined {
    const since = this.#backend.waiting?.();
    return since === undefined ? undefined : { what: `A ping to ${this.#kind} at ${this.#backend.address}`, since };
  }

  async stop(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#holdBack();
    this.#stopListening();
    await this.#starting;
    for (const position of [...this.#open.keys()]) this.#end(position, "released");
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker === undefined) return;
    try {
      await within(worker.close(), closeTimeoutMs);
    } catch {
      // The broker is away: what was not acknowledged comes again when its lock has run out.
      worker.disconnect().catch(() => {});
    }
  }

  /** A worker made while its broker is away never recovers: it is made when the broker answers, however late. */
  async #start(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#backend.ready();
        break;
      } catch (error) {
        this.#tell(error);
        await sleep(retryMs);
      }
    }
    if (this.#stopping) return;
    const { queue, concurrency } = this.#options;
    this.#handlers.assigned(queue, this.#epoch);
    const worker = this.#backend.worker(queue, (job, token) => this.#process(job as unknown as RawJob, token), {
      concurrency,
    });
    worker.on("error", (error) => {
      if (isConnectionError(error)) return this.#backend.suspect?.(error);
      // The words of a parser quote what it read.
      const why = error instanceof SyntaxError ? "a job's options are not JSON" : error.message.slice(0, 200);
      this.#warn(`worker of queue ${queue}: ${why}`);
    });
    worker.on("stalled", (id) =>
      this.#warn(`job ${id} of queue ${queue} stalled: its worker died, it is worked again`),
    );
    this.#worker = worker;
    this.#tell(undefined);
  }

  async #process(job: RawJob, token: string | undefined): Promise<unknown> {
    const id = job.id ?? "";
    if (this.#stopping) return this.#giveBack(job, token);
    const { end, answer } = await new Promise<Ending>((resolve) => {
      const waiting = this.#open.get(id);
      if (waiting !== undefined) {
        waiting.push(resolve);
        return;
      }
      this.#open.set(id, [resolve]);
      this.#pending.push(this.#toMessage(job, id));
      void this.#handOver();
    });
    if (end === "released") return this.#giveBack(job, token);
    if (answer) return toResult(answer);
    return end === "dead" && this.#options.responds?.() ? toResult(unanswered) : end;
  }

  async #giveBack(job: Job, token: string | undefined): Promise<never> {
    await job.moveToWait(token);
    throw new WaitingError();
  }

  /** Hands over what came together, once at a time, and waits until the engine has room for more. */
  async #handOver(): Promise<void> {
    if (this.#handingOver) return;
    this.#handingOver = true;
    while (this.#pending.length > 0) {
      const messages = this.#pending;
      this.#pending = [];
      await this.#handlers.deliver(this.#options.queue, this.#epoch, messages);
    }
    this.#handingOver = false;
  }

  #toMessage(job: RawJob, id: string): Message {
    const { node, queue, codec } = this.#options;
    const meta = {
      source: node,
      lane: queue,
      position: id,
      timestamp: job.timestamp,
      attempt: Math.max(1, job.attemptsStarted),
    };
    return toMessage({ raw: job.raw, metadata: job.opts.telemetry?.metadata }, meta, codec);
  }

  #end(position: string, end: End): void {
    const waiting = this.#open.get(position);
    const answer = this.#answers.get(position);
    this.#open.delete(position);
    this.#answers.delete(position);
    for (const resolve of waiting ?? []) resolve({ end, answer });
  }

  /** Takes no more jobs; those in work go on. */
  #holdBack(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#worker?.pause(true).catch(() => {});
  }

  #tell(lost: unknown | undefined): void {
    if (this.#stopping) return;
    if (lost === undefined) this.#handlers.state({ is: "running" });
    else this.#handlers.state({ is: "degraded", cause: causeOf(lost, this.#kind, this.#backend.address) });
  }

  #warn(message: string): void {
    this.#log("warn", message, { node: this.#options.node });
  }
}
