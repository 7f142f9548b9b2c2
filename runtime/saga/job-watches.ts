import type { QueuePort } from "../../flow/connection-ports";
import type { SagaCall } from "../../flow/saga/request";
import type { CommandResult } from "../../flow/saga/state";
import { sleep } from "../backoff";
import type { CommandTask } from "./command-way";
import { judgeEnd, type QueueRequest, sendToQueue } from "./queue-command";

/** Jobs whose end is waited for, at most; the others are asked when their saga is due (`lookEveryMs`). */
const watchesMost = 20_000;
const addAgainMs = 5_000;

/** A job that was added, and what its end means. */
export interface WatchedJob {
  readonly port: QueuePort;
  readonly request: QueueRequest;
  readonly call: SagaCall;
  readonly task: Omit<CommandTask, "signal">;
}

/**
 * Waits for the ends of jobs beside the sagas, which nobody has in hand meanwhile. That is for speed only: whoever takes a saga that is due
 * looks at its job, so that a worker that is killed loses no result.
 */
export class JobWatches {
  /** By the job's id. */
  readonly #watches = new Map<string, { readonly attempt: number; readonly abort: AbortController }>();
  #isOver = false;

  /** `tell` hears of the job's end, once; `end` when it is waited for no more. Another attempt takes the place of the one before. */
  watch(job: WatchedJob, tell: (result: CommandResult) => void, end: () => void): void {
    const { key, attempt } = job.task.command;
    this.#watches.get(key)?.abort.abort();
    if (this.#isOver || this.#watches.size >= watchesMost) {
      end();
      return;
    }
    const entry = { attempt, abort: new AbortController() };
    const { signal } = entry.abort;
    this.#watches.set(key, entry);
    void this.#wait(job, key, signal)
      .then((result) => {
        if (result && !signal.aborted) tell(result);
      })
      .finally(() => {
        if (this.#watches.get(key) === entry) this.#watches.delete(key);
        end();
      });
  }

  has(key: string, attempt: number): boolean {
    return this.#watches.get(key)?.attempt === attempt;
  }

  stop(): void {
    this.#isOver = true;
    for (const { abort } of this.#watches.values()) abort.abort();
  }

  async #wait(
    { port, request, call, task }: WatchedJob,
    id: string,
    signal: AbortSignal,
  ): Promise<CommandResult | null> {
    for (;;) {
      const end = await port.awaitResult(request.queue, id, signal);
      if (end === null || signal.aborted) return null;
      const result = judgeEnd(end, request, call, task.command.node);
      if (result) return result;
      // Its broker has lost it: the same job once more.
      await sleep(addAgainMs, signal);
      if (signal.aborted) return null;
      const sent = await sendToQueue(port, request, { ...task, signal });
      if (sent.is === "answered") return sent.result;
      if (sent.is === "stopped") return null;
    }
  }
}
