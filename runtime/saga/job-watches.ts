import type { QueuePort } from "../../flow/connection-ports";
import type { SagaCall } from "../../flow/saga/request";
import type { CommandResult } from "../../flow/saga/state";
import { sleep } from "../backoff";
import type { CommandTask } from "./command-way";
import { jobIdOf, judgeEnd, type QueueRequest, sendToQueue } from "./queue-command";

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
  readonly #watches = new Map<string, AbortController>();
  #isOver = false;

  /** `tell` hears of the job's end, once; `end` when it is waited for no more. */
  watch(job: WatchedJob, tell: (result: CommandResult) => void, end: () => void): void {
    const id = jobIdOf(job.task.command);
    if (this.#isOver || this.#watches.has(id) || this.#watches.size >= watchesMost) {
      end();
      return;
    }
    const abort = new AbortController();
    this.#watches.set(id, abort);
    void this.#wait(job, id, abort.signal)
      .then((result) => {
        if (result && !abort.signal.aborted) tell(result);
      })
      .finally(() => {
        this.#watches.delete(id);
        end();
      });
  }

  has(id: string): boolean {
    return this.#watches.has(id);
  }

  stop(): void {
    this.#isOver = true;
    for (const abort of this.#watches.values()) abort.abort();
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
