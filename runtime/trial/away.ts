import type { Message } from "../../flow/message";
import type { Cause } from "../../flow/verdict";

interface Asked {
  /** In a row. */
  refusals: number;
  /** It is asked no more. */
  given?: Cause;
}

/**
 * Messages that need what is away: a service, a node that blocks. A running flow waits, for as long as it takes. A trial asks again a few
 * times, then the message counts as held at its stage.
 */
export class Away {
  readonly #asked = new Map<string, Map<Message, Asked>>();

  clear(): void {
    this.#asked.clear();
  }

  /** What is needed refused again; answers how often in a row. */
  count(stage: string, message: Message): number {
    const ofStage = this.#asked.get(stage) ?? new Map<Message, Asked>();
    this.#asked.set(stage, ofStage);
    const asked = ofStage.get(message) ?? { refusals: 0 };
    ofStage.set(message, asked);
    return ++asked.refusals;
  }

  /** It answered: the next refusal is the first of its kind. */
  forget(stage: string, message: Message): void {
    this.#asked.get(stage)?.delete(message);
  }

  giveUp(stage: string, message: Message, cause: Cause): void {
    const asked = this.#asked.get(stage)?.get(message);
    if (asked) asked.given = cause;
  }

  /** Why the message is held at the stage, if it is. */
  of(stage: string, message: Message): Cause | undefined {
    return this.#asked.get(stage)?.get(message)?.given;
  }
}
