import type { Cause } from "../../flow/verdict";
import type { DeadLetter } from "../dead-letter";
import type { Flight } from "../flight";
import { Away } from "./away";
import { GivenAnswers } from "./call-ports";
import { FreshKeys } from "./fresh-keys";
import { Visits } from "./visits";
import type { Watch } from "./watched-behaviour";

/** How far a trial goes. */
export const trialLimits = { ms: 10_000, steps: 1_000, payloads: 400, messageBytes: 1_048_576 } as const;
/** What is away is asked so often in a row. */
const maxRefusals = 3;

/** One message after another on its way through a drawing: what was seen of it, what it may still do, and what its clock says. */
export class Course implements Watch {
  readonly visits = new Visits();
  readonly keys = new FreshKeys();
  readonly away = new Away();
  /** What failed for good. They are kept nowhere else. */
  letters: DeadLetter[] = [];
  given = new GivenAnswers({});
  /** Why it was ended before its time. */
  cutWords: string | undefined;
  now = 0;
  #flight: Flight | undefined;
  #steps = 0;
  #deadline: NodeJS.Timeout | undefined;

  /** Begins anew, for another message: it knows nothing of the one before. */
  begin(now: number, given: GivenAnswers): void {
    this.end();
    this.visits.clear();
    this.keys.clear();
    this.away.clear();
    this.letters = [];
    this.given = given;
    this.cutWords = undefined;
    this.now = now;
    this.#flight = undefined;
    this.#steps = 0;
    const words = `It was ended after ${trialLimits.ms / 1000} s. What is shown is how far it came.`;
    this.#deadline = setTimeout(() => this.cut(words), trialLimits.ms);
  }

  end(): void {
    clearTimeout(this.#deadline);
  }

  /** The flight that is on its way from now on. */
  follow(flight: Flight): void {
    this.#flight = flight;
    if (this.cutWords !== undefined) flight.cut();
  }

  cut(words: string): void {
    this.cutWords ??= words;
    this.#flight?.cut();
  }

  admit(messages: number): number {
    const left = Math.max(0, trialLimits.steps - this.#steps);
    this.#steps += messages;
    if (messages <= left) return messages;
    this.cut(`It was ended after ${trialLimits.steps} steps. What is shown is how far it came.`);
    return left;
  }

  readonly mayAskAgain = (stage: string, refusals: number): boolean =>
    refusals < maxRefusals || this.given.hasMore(stage);
}

/** Time does not pass in a trial: what would be waited for comes at once. */
export function waitNoTime(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Why nothing can be tried. */
export class TrialRefusal extends Error {
  override readonly name = "TrialRefusal";
  constructor(readonly reason: Cause) {
    super(reason.message);
  }
}
