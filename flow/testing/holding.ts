import type { AnswerRequest, ArriveRequest, HoldingPort, HoldRequest, ReleaseRequest, StartRequest } from "../holding";
import { done, retryDependency, type Verdict } from "../verdict";

/** For tests of what does not hold: every message waits, as if the store were away. */
export const noHolding: HoldingPort = {
  hold: async (messages) => messages.map(away),
  release: async (messages) => messages.map(away),
  start: async (messages) => messages.map(away),
  answer: async (messages) => messages.map(away),
  arrive: async (messages) => messages.map(away),
};

const away = (): Verdict => retryDependency("store-unreachable", "There is no store here.");

/** Keeps what it is handed, in order, and says done, or what a test says. */
export class RecordedHolding implements HoldingPort {
  readonly held: HoldRequest[] = [];
  readonly released: ReleaseRequest[] = [];
  readonly started: StartRequest[] = [];
  readonly answered: AnswerRequest[] = [];
  readonly arrived: ArriveRequest[] = [];
  verdict: Verdict = done;

  hold = async (messages: readonly HoldRequest[]) => this.#keep(this.held, messages);
  release = async (messages: readonly ReleaseRequest[]) => this.#keep(this.released, messages);
  start = async (messages: readonly StartRequest[]) => this.#keep(this.started, messages);
  answer = async (messages: readonly AnswerRequest[]) => this.#keep(this.answered, messages);
  arrive = async (messages: readonly ArriveRequest[]) => this.#keep(this.arrived, messages);

  #keep<Request>(kept: Request[], messages: readonly Request[]): Verdict[] {
    kept.push(...messages);
    return messages.map(() => this.verdict);
  }
}
