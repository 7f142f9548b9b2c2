import { isSame } from "./same";
import type { TestCase } from "./test-case";
import type { Trial } from "./trial";

/** So much later hours, days and years may differ. */
const laterMs = 400 * 86_400_000;

/** Tries the case's message once more, calling nobody. `null`: it could not be tried. */
export type TryAgain = (
  request: Pick<TestCase, "at" | "message"> & {
    readonly calls: "given";
    readonly answers: NonNullable<TestCase["answers"]>;
    readonly now: string;
  },
) => Promise<Pick<Trial, "outcome"> | null>;

/**
 * The case that a trial makes: what came is what it expects, and its calls are answered as they were. Its clock stands where another came
 * at another time, which is found out by trying again; where that cannot be done, the case keeps its clock.
 *
 * @param now What the flow took for now in the trial, in ISO 8601.
 */
export async function caseOfTrial(
  own: Pick<TestCase, "name" | "at" | "message">,
  trial: Pick<Trial, "answers" | "outcome">,
  now: string,
  tryAgain: TryAgain,
): Promise<TestCase> {
  const { at, message } = own;
  const answers = structuredClone(trial.answers) as NonNullable<TestCase["answers"]>;
  const later = new Date(Date.parse(now) + laterMs).toISOString();
  const again = await tryAgain({ at, message, calls: "given", answers: structuredClone(answers), now: later });
  return {
    ...own,
    ...(again && isSame(again.outcome, trial.outcome) ? {} : { now }),
    ...(Object.keys(answers).length > 0 ? { answers } : {}),
    ...structuredClone(trial.outcome),
  };
}
