/**
 * Many questions in one: what comes while one round is under way goes with the next. So the work of a hundred sagas costs a round trip, and
 * that of a single one waits for nothing.
 */
export class Grouped<Question, Answer> {
  readonly #work: (questions: readonly Question[]) => Promise<readonly Answer[]>;
  readonly #limits: GroupLimits<Question>;
  #waiting: Waiting<Question, Answer>[] = [];
  #isWorking = false;

  /** `work` answers in the order of its questions. */
  constructor(
    work: (questions: readonly Question[]) => Promise<readonly Answer[]>,
    limits: Partial<GroupLimits<Question>> = {},
  ) {
    this.#work = work;
    this.#limits = { ...usualLimits, ...limits };
  }

  /** Rejects as the work of its round does. */
  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      if (!this.#isWorking) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      // Answers of many calls come in one turn of the event loop: their questions go together.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#answer(this.#take());
    }
    this.#isWorking = false;
  }

  async #answer(round: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await this.#work(round.map(({ question }) => question));
      round.forEach(({ resolve }, index) => {
        resolve(answers[index]!);
      });
    } catch (error) {
      if (round.length === 1 || !isOfData(error)) {
        for (const { reject } of round) reject(error);
        return;
      }
      // One of them is refused, and nobody knows which: the others must not wait for it for ever.
      const half = round.length >> 1;
      await this.#answer(round.slice(0, half));
      await this.#answer(round.slice(half));
    }
  }

  /** The next round: up to the limits, and no two of the same name. */
  #take(): Waiting<Question, Answer>[] {
    const { most, mostBytes, nameOf, bytesOf } = this.#limits;
    const round: Waiting<Question, Answer>[] = [];
    const left: Waiting<Question, Answer>[] = [];
    const names = new Set<string>();
    let bytes = 0;
    for (const [index, waiting] of this.#waiting.entries()) {
      bytes += bytesOf(waiting.question);
      if (round.length === most || (round.length > 0 && bytes > mostBytes)) {
        left.push(...this.#waiting.slice(index));
        break;
      }
      const name = nameOf(waiting.question);
      if (name !== undefined && names.has(name)) left.push(waiting);
      else round.push(waiting);
      if (name !== undefined) names.add(name);
    }
    this.#waiting = left;
    return round;
  }
}

export interface GroupLimits<Question> {
  /** Questions of a round. */
  readonly most: number;
  readonly mostBytes: number;
  bytesOf(question: Question): number;
  /** Two of one name go in two rounds, in their order. */
  nameOf(question: Question): string | undefined;
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

const usualLimits: GroupLimits<unknown> = {
  most: 256,
  mostBytes: 8 * 1024 * 1024,
  bytesOf: () => 0,
  nameOf: () => undefined,
};

/** Does it speak against what was asked, and not against the connection? By class of SQLSTATE: bad data, a broken constraint, a limit. */
function isOfData(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" && /^(22|23|54)[0-9A-Z]{3}$/.test(code);
}
