import { compareCase } from "../../flow/compare-case";
import { findCoverage } from "../../flow/coverage";
import type { FlowDocument } from "../../flow/document";
import type { TestCase } from "../../flow/test-case";
import type { CaseResult, CasesRun } from "../../flow/trial";
import { TrialRefusal } from "./course";
import type { TrialHouse } from "./open-trial";
import { tryMessage } from "./try-message";

/** An answer is given after about so long, for the cases that were run until then. */
const patienceMs = 12_000;
/** What was seen of the cases is sent along up to here. */
const maxTrialCharacters = 4_000_000;

/** Runs cases one after the other, each on a pipeline of its own, with the answers that it gives. */
export async function runCases(
  house: TrialHouse,
  document: FlowDocument,
  cases: readonly TestCase[],
): Promise<CasesRun> {
  const startedAt = performance.now();
  const results: CaseResult[] = [];
  const details: NonNullable<CaseResult["trial"]>["detail"][] = [];
  let characters = 0;
  for (const each of cases) {
    if (results.length > 0 && performance.now() - startedAt > patienceMs) break;
    const { trial, ...result } = await runCase(house, document, each);
    if (trial) {
      details.push(trial.detail);
      characters += JSON.stringify(trial).length;
    }
    results.push(trial && characters <= maxTrialCharacters ? { ...result, trial } : result);
  }
  return { results, coverage: findCoverage(details) };
}

async function runCase(house: TrialHouse, document: FlowDocument, testCase: TestCase): Promise<CaseResult> {
  const startedAt = performance.now();
  const { name, at, message, answers, now } = testCase;
  const tookMs = () => Math.round(performance.now() - startedAt);
  try {
    const { trial, seen } = await tryMessage(house, { document, at, message, calls: "given", answers, now });
    const differences = compareCase(document, testCase, seen);
    const problem = trial.cut === undefined ? {} : { problem: { code: "trial-cut", message: trial.cut } };
    return { name, passed: differences.length === 0 && !trial.cut, differences, ...problem, trial, tookMs: tookMs() };
  } catch (error) {
    if (!(error instanceof TrialRefusal)) throw error;
    return { name, passed: false, differences: [], problem: error.reason, tookMs: tookMs() };
  }
}
