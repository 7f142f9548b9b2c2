import { defaultTrace, type FlowDocument } from "../flow/document";
import { compileExpression, type Expression, scopeOf } from "../flow/expression";
import type { Message } from "../flow/message";

type TraceSetting = NonNullable<NonNullable<FlowDocument["settings"]>["trace"]>;

/** Picks the messages whose runs are kept beside the failed ones, by the flow's setting, when they enter the flow. */
export class Sampler {
  readonly #share: number | undefined;
  readonly #perSecond: number;
  readonly #when: readonly Expression[];
  #tokens: number;
  #at: number | undefined;

  /** `asked`: conditions under which messages are kept for a time. */
  constructor(
    setting: TraceSetting = defaultTrace,
    readonly asked: () => readonly Expression[] = () => [],
  ) {
    this.#share = setting.share;
    this.#perSecond = setting.perSecond ?? defaultTrace.perSecond;
    this.#tokens = Math.max(1, this.#perSecond);
    this.#when = setting.when === undefined ? [] : [compileExpression(setting.when)];
  }

  /** The flow keeps failed runs only, and those that match a condition. */
  get none(): boolean {
    return (this.#share ?? this.#perSecond) <= 0;
  }

  /** Is this message one of them? Picks that were not used are saved up for one second. `now` in milliseconds. */
  take(now: number): boolean {
    if (this.none) return false;
    if (this.#share !== undefined) return Math.random() < this.#share;
    // All messages of a batch come at one moment.
    if (now === this.#at && this.#tokens < 1) return false;
    const room = Math.max(1, this.#perSecond);
    this.#tokens = Math.min(room, this.#tokens + ((now - (this.#at ?? now)) / 1_000) * this.#perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** What picks by what a message says, where anything does: most flows need not look into their messages for it. */
  matcher(): ((message: Message) => boolean) | null {
    const asked = this.asked();
    if (this.#when.length + asked.length === 0) return null;
    return (message) => {
      const scope = scopeOf(message);
      return this.#when.some((each) => holds(each, scope)) || asked.some((each) => holds(each, scope));
    };
  }
}

/** One that fails on a message does not ask for it. */
function holds(condition: Expression, scope: Readonly<Record<string, unknown>>): boolean {
  try {
    return condition.test(scope);
  } catch {
    return false;
  }
}
