import type { CaseDifference, CaseResult } from "./trial";

/** One difference as words that follow its endpoint: "`body.total` is 6, expected 5". */
export function describeDifference({ field, message, expected, actual }: CaseDifference): string {
  if (field === "failure") {
    if (actual === null) return `did not fail, expected ${expected}`;
    return expected === null
      ? `failed with ${actual}, expected no failure`
      : `failed with ${actual}, expected ${expected}`;
  }
  const which = `message ${message + 1}`;
  if (field === "message")
    return actual === null ? `${which} did not come, expected ${expected}` : `${which} is one too many: ${actual}`;
  if (actual === null) return `\`${field}\` of ${which} is not there, expected ${expected}`;
  return expected === null
    ? `\`${field}\` of ${which} is ${actual}, expected not to be there`
    : `\`${field}\` of ${which} is ${actual}, expected ${expected}`;
}

/** Why a case failed, as a sentence that names the node where it first differs; `null` when it passed. */
export function explainCase({ passed, problem, differences }: CaseResult): string | null {
  if (passed) return null;
  if (problem) return problem.message;
  const [first, ...more] = differences;
  if (!first) return "It failed.";
  const rest = more.length === 0 ? "" : ` (${more.length} more)`;
  return `At \`${first.at}\`: ${describeDifference(first)}${rest}.`;
}
