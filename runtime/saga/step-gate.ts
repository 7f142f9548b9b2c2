import type { SagaCall } from "../../flow/saga/request";
import { CallGuard } from "../call-guard";
import type { NodeCounters } from "../node-counters";
import { CallLine } from "./call-line";
import { answered, type CommandTask, failWith, type Sent, stopped } from "./command-way";

/** Commands of one step that are under way at once, in this worker. */
const callsAtOnce = 64;

/** Holds one side of a step in check, over all sagas of this worker: how many at once, how fast, and none at all while the service is down. */
export class StepGate {
  readonly #line = new CallLine(callsAtOnce);
  readonly guard: CallGuard<Sent>;

  constructor(limits: SagaCall["limits"]) {
    this.guard = new CallGuard(limits ?? {}, { downBy, refuse });
  }

  /** Sends when its turn has come, unless the circuit is open: then the saga holds. Rejects only as `send` does. */
  run({ command, signal }: Pick<CommandTask, "command" | "signal">, send: () => Promise<Sent>): Promise<Sent> {
    return this.#line.run(async () => {
      if (signal.aborted) return stopped;
      await this.guard.keepPace(signal);
      return signal.aborted ? stopped : this.guard.call(send, command.again === true);
    });
  }
}

/** The gates of the steps of one flow. */
export class StepGates {
  readonly #gates = new Map<string, StepGate>();

  /** Versions that call alike share a gate: the service is the same. */
  of({ command: { node, side }, call }: Pick<CommandTask, "command" | "call">): StepGate {
    const { perSecond, breaker } = call.limits ?? {};
    const name = `${node} ${side} ${perSecond} ${breaker?.failures} ${breaker?.openMs}`;
    let gate = this.#gates.get(name);
    if (!gate) {
      gate = new StepGate(call.limits);
      this.#gates.set(name, gate);
    }
    return gate;
  }

  /** Has a node tell of its circuit; of two sides, each with its own, of the one that was open last. */
  tell(counters: NodeCounters, { guard }: StepGate): void {
    if (!counters.gate || guard.circuit) counters.gate = guard;
  }
}

/** It speaks against the service that another try may work: it was away, too late, or broken. */
function downBy(sent: Sent) {
  return sent.is === "answered" && !sent.result.ok && !sent.result.final ? sent.result.cause : undefined;
}

function refuse(cause: { code: string; message: string }, retryAfterMs: number, sent?: Sent): Sent {
  const failed = sent?.is === "answered" && !sent.result.ok ? sent.result : undefined;
  const effect = failed?.effect ?? "none";
  return answered({ ...failed, ...failWith(cause, { final: false, effect, away: true }), retryAfterMs });
}
