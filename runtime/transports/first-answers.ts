import type { Message } from "../../flow/message";
import type { ReplyEnd } from "../../flow/request-reply";
import { type Failure, isFailure, type Verdict } from "../../flow/verdict";

/** So many messages that were answered are remembered. */
const maxRemembered = 10_000;

/** What became of an answer that was written; `gone`: there is no such address any more. */
export type WriteEnd = Verdict | { readonly is: "gone" };

/** Lets each message be answered once, as far as this worker remembers: the first answer that is written counts. */
export class FirstAnswers {
  readonly #known = new Map<string, Promise<ReplyEnd>>();

  /** Never rejects, if `write` does not. */
  async answer(message: Message, write: () => Promise<WriteEnd>): Promise<ReplyEnd> {
    const { source, lane, position, origin } = message.meta;
    const place = JSON.stringify([source, origin?.lane ?? lane, origin?.position ?? position]);
    for (;;) {
      const before = this.#known.get(place);
      if (!before) break;
      if (!("verdict" in (await before))) return { is: "before" };
      // That one could not be written: this is as good as the first.
      if (this.#known.get(place) === before) this.#known.delete(place);
    }
    const writing = write().then(
      (end): ReplyEnd => ("is" in end ? end : isFailure(end) ? (end as Failure) : { is: "answered" }),
    );
    this.#known.set(place, writing);
    if (this.#known.size > maxRemembered) this.#known.delete(this.#known.keys().next().value!);
    return writing;
  }
}
