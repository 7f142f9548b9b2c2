import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { RunStore } from "../recorder";
import type { RunRecord } from "../run-record";
import type { VersionFacts } from "./node-facts";
import type { Exporter } from "./outlet";
import { drawSpans, type SpanOrigin } from "./spans";

/** What is known of a version's nodes. Never rejects. */
export type FactsOf = (flowId: string, version: number) => Promise<VersionFacts>;

const maxWaiting = 20_000;
const maxBatch = 2_000;
const intervalMs = 1_000;

/** Exports the runs that are recorded as spans. Bounded: when the collector is away or slow, spans are dropped and counted; no flow waits. */
export class SpanExport implements RunStore {
  #waiting: ReadableSpan[] = [];
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;
  #dropped = 0;

  constructor(
    readonly exporter: Exporter<ReadableSpan[]>,
    readonly factsOf: FactsOf,
    readonly origin: SpanOrigin,
  ) {}

  /** Spans that were dropped since the worker started. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Never rejects. */
  async write(runs: readonly RunRecord[]): Promise<void> {
    for (const run of runs) {
      const spans = drawSpans(run, await this.factsOf(run.flowId, run.version), this.origin);
      if (this.#waiting.length + spans.length > maxWaiting) this.#dropped += spans.length;
      else this.#waiting.push(...spans);
    }
    this.#schedule();
  }

  /** Sends what waits. */
  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    await this.#sending;
    while (this.#waiting.length > 0) await this.#send();
    await this.exporter.shutdown();
  }

  #schedule(): void {
    if (this.#sending || this.#waiting.length === 0) return;
    this.#timer ??= setTimeout(
      () => {
        this.#timer = null;
        this.#sending = this.#send().finally(() => {
          this.#sending = null;
          this.#schedule();
        });
      },
      this.#waiting.length >= maxBatch ? 0 : intervalMs,
    );
  }

  /** A batch that the exporter could not send, however often it tried, is dropped. */
  async #send(): Promise<void> {
    const batch = this.#waiting.splice(0, maxBatch);
    const arrived = await new Promise<boolean>((resolve) =>
      this.exporter.export(batch, ({ code }) => resolve(code === 0)),
    );
    if (!arrived) this.#dropped += batch.length;
  }
}

/** A store that also exports what it stores. */
export function alsoExport(store: RunStore, spans: RunStore): RunStore {
  return {
    async write(runs) {
      await Promise.all([store.write(runs), spans.write(runs)]);
    },
  };
}
