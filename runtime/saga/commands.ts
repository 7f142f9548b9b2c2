import type { SagaCall, SagaRequest } from "../../flow/saga/request";
import type { SagaCommand, SagaState } from "../../flow/saga/state";
import type { Cause } from "../../flow/verdict";
import type { HeldVersion } from "../holding/ports";
import { toFailure } from "../node-failure";
import { TransportError } from "../transport";
import { answered, type CommandTask, failWith, type Sent, stopped } from "./command-way";
import { sendHttp } from "./http-command";
import type { WatchedJob } from "./job-watches";
import { judgeEnd, sendToQueue } from "./queue-command";
import type { SagaWork } from "./saga-work";
import { StepGates } from "./step-gate";
import type { SubCommands } from "./sub-command";
import { sendToTopic } from "./topic-command";

/** A port watches its own time first; this one ends a call that its client has forgotten. */
const graceMs = 1_000;

/** A command, and the version in which its saga goes its way. */
export interface CommandOrder {
  readonly command: SagaCommand;
  readonly saga: Pick<SagaState, "id" | "key" | "headers" | "depth">;
  readonly work: SagaWork;
  readonly version: HeldVersion;
  readonly signal: AbortSignal;
}

/** Sends what the machine hands out, each by the way that its step names. */
export class Commands {
  readonly #gates = new StepGates();

  constructor(readonly subs: SubCommands) {}

  /** Never rejects. */
  async send(order: CommandOrder): Promise<Sent> {
    const task = this.#taskOf(order);
    if ("is" in task) return task;
    const { command, version } = order;
    const gate = this.#gates.of(task);
    const counters = version.countersOf(command.node);
    const startedAt = performance.now();
    if (counters) {
      counters.inFlight++;
      if (command.attempt > 1) counters.retried++;
    }
    const sent = await gate.run(task, () => this.#sendNow(order, task));
    if (counters) {
      counters.inFlight--;
      if (sent.is === "answered") counters.latency.record(performance.now() - startedAt, 1, performance.now());
      this.#gates.tell(counters, gate);
    }
    return sent;
  }

  /** Asks what has become of a command that was sent, where its answer is kept. @throws when that cannot be asked now */
  async look(order: CommandOrder): Promise<Sent> {
    const job = this.jobOf(order);
    if (!job) return this.#sendAgain(order);
    const { port, request, call, task } = job;
    const end = await port.readResult(request.queue, task.command.key);
    if (end.is === "gone") return this.#sendAgain(order);
    const result = judgeEnd(end, request, call, task.command.node);
    return result ? answered(result) : { is: "sent" };
  }

  /** Is a saga of another flow still under way by this command? Then it turns with the one that waits for it. @throws as the store does */
  async turnBack(order: CommandOrder): Promise<void> {
    const isSub = order.work.callOf(order.command.node, order.command.side)?.call === "sub";
    if (isSub) await this.subs.turnBack(order);
  }

  /** The job by which a command was sent; `null`: it is another way. */
  jobOf(order: CommandOrder): WatchedJob | null {
    const task = this.#taskOf(order);
    if ("is" in task || task.call.call !== "queue") return null;
    const request = task.call.render(order.command.scope);
    if (request.call !== "queue") return null;
    return { port: order.version.connection("queue", task.call.connection), request, call: task.call, task };
  }

  async #sendAgain(order: CommandOrder): Promise<Sent> {
    const task = this.#taskOf(order);
    return "is" in task ? task : this.#sendNow(order, task);
  }

  async #sendNow(order: CommandOrder, task: CommandTask): Promise<Sent> {
    const { command, version, signal } = order;
    let request: SagaRequest;
    try {
      request = task.call.render(command.scope);
    } catch (error) {
      return answered(failWith(renderCause(error, command.node), { final: true, effect: "none" }));
    }
    try {
      switch (request.call) {
        case "http": {
          const port = version.connection("http", task.call.connection);
          return await endInTime(sendHttp(port, request, task), task);
        }
        case "topic":
          return await sendToTopic(version.connection("kafka", task.call.connection), request, task);
        case "queue":
          return await sendToQueue(version.connection("queue", task.call.connection), request, task);
        case "sub":
          return await this.subs.send(request, order);
      }
    } catch (error) {
      if (signal.aborted) return stopped;
      // The connection itself: nothing was sent.
      if (error instanceof TransportError) {
        const how = { final: false, effect: "none", away: true } as const;
        return answered(failWith(error.reason, how));
      }
      return answered(failWith(toFailure(error).cause, { final: false, effect: "maybe" }));
    }
  }

  #taskOf({ command, saga, work, signal }: CommandOrder): CommandTask | Sent {
    const { node, side } = command;
    const drawn = work.program.nodes[node];
    const call: SagaCall | null = work.callOf(node, side);
    const persistence = drawn?.does === "step" ? (side === "action" ? drawn.action : drawn.compensation) : undefined;
    if (call && persistence) return { command, saga, call, timeoutMs: persistence.timeoutMs, signal };
    const message = `Node \`${node}\` has no ${side} in the version on which the saga began.`;
    return answered(failWith({ code: "node-crashed", message }, { final: true, effect: "none" }));
  }
}

function renderCause(error: unknown, node: string): Cause {
  const { code, message } = toFailure(error).cause;
  return { code, message: `The request of node \`${node}\` cannot be made from the saga's data: ${message}` };
}

/** The answer, or that there was none when its port has forgotten it. */
function endInTime(sent: Promise<Sent>, { timeoutMs, signal, command }: CommandTask): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(stopped);
    const timer = setTimeout(() => {
      const message = `The service of \`${command.node}\` did not answer within ${timeoutMs} ms.`;
      resolve(answered(failWith({ code: "http-timeout", message }, { final: false, effect: "maybe" })));
    }, timeoutMs + graceMs);
    signal.addEventListener("abort", stop, { once: true });
    sent.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    });
  });
}
