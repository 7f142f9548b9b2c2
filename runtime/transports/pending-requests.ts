import type { HttpAnswer } from "../../flow/connection-ports";
import type { BrokerRequest, RequestEnd } from "../../flow/request-reply";
import { retryDependency, type Verdict } from "../../flow/verdict";
import type { TransportOptions } from "../transport";

/** Requests of one connection that wait for their answer in this worker. */
export const maxPending = 10_000;
/** Of requests that have ended, so many are remembered, to tell what an answer to them is. */
const maxEnded = 10_000;
/** Answers that nobody here knows are told of in the log, but not each. */
const tellEveryMs = 60_000;

interface Waiting {
  readonly request: BrokerRequest;
  end(end: RequestEnd): void;
}

/** The requests of one connection that wait for their answers, by correlation id. */
export class PendingRequests {
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #ended = new Map<string, () => void>();
  #unknown = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(readonly options: Pick<TransportOptions, "name" | "log">) {}

  get size(): number {
    return this.#waiting.size;
  }

  /** Sends and waits: first of all it is known who waits, as an answer may come before the broker has said that it has the request. Never rejects. */
  async request(
    request: BrokerRequest,
    signal: AbortSignal,
    send: (signal: AbortSignal) => Promise<Verdict>,
  ): Promise<RequestEnd> {
    if (this.#waiting.size >= maxPending) {
      const words = `${maxPending} requests over the connection ${this.options.name} wait for their answer here: no more are sent until some have ended.`;
      return retryDependency("requests-full", words);
    }
    const over = new AbortController();
    const stop = () => over.abort();
    const timer = setTimeout(stop, request.timeoutMs);
    signal.addEventListener("abort", stop, { once: true });
    const isOver = new Promise<RequestEnd>((resolve) => {
      over.signal.addEventListener("abort", () => resolve({ is: "silent" }), { once: true });
    });
    const { answered, forget } = this.#await(request);
    try {
      // Given up while it was being sent, it ends as the sending does: whether it was sent is not known.
      const sending = send(over.signal).then((verdict) => (verdict.verdict === "done" ? isOver : verdict));
      const end = await Promise.race([answered, sending]);
      if (!("verdict" in end)) this.#remember(request, end.is === "silent" ? "late" : "repeated");
      return end;
    } finally {
      forget();
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  /**
   * An answer has come. `isShared`: answers to others come here too, so that one which nobody here knows says nothing.
   * `false` = nobody here waits for it.
   */
  settle(id: string | undefined, read: () => HttpAnswer, isShared: boolean): boolean {
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (waiting) {
      const answer = read();
      for (const { end } of waiting) end({ is: "answered", answer });
      return true;
    }
    const ended = id === undefined ? undefined : this.#ended.get(id);
    if (ended) ended();
    else if (!isShared || id === undefined) this.#tellUnknown(id);
    return false;
  }

  #await(request: BrokerRequest): { readonly answered: Promise<RequestEnd>; forget(): void } {
    let end: Waiting["end"] = () => {};
    const answered = new Promise<RequestEnd>((resolve) => {
      end = resolve;
    });
    const entry = { request, end };
    this.#waiting.set(request.id, [...(this.#waiting.get(request.id) ?? []), entry]);
    const forget = () => {
      const rest = (this.#waiting.get(request.id) ?? []).filter((each) => each !== entry);
      if (rest.length > 0) this.#waiting.set(request.id, rest);
      else this.#waiting.delete(request.id);
    };
    return { answered, forget };
  }

  #remember({ id, stray }: BrokerRequest, how: "late" | "repeated"): void {
    this.#ended.delete(id);
    this.#ended.set(id, () => stray?.(how));
    if (this.#ended.size > maxEnded) this.#ended.delete(this.#ended.keys().next().value!);
  }

  #tellUnknown(id: string | undefined): void {
    this.#unknown++;
    if (performance.now() - this.#toldAt < tellEveryMs) return;
    this.#toldAt = performance.now();
    const why = id === undefined ? "have no correlation id" : "carry a correlation id that nobody here has asked with";
    this.options.log("warn", `answers were dropped: they ${why}`, { dropped: this.#unknown });
  }
}
