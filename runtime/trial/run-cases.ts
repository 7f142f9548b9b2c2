import { compareCase } from "../../flow/compare-case";
import type { RunDetail } from "../../flow/control";
import { findCoverage } from "../../flow/coverage";
import type { FlowDocument } from "../../flow/document";
import type { TestCase } from "../../flow/test-case";
import type { CaseResult, CasesRun } from "../../flow/trial";
import type { Cause } from "../../flow/verdict";
import { breathe } from "../backoff";
import { TrialRefusal } from "./course";
import type { TrialHouse } from "./open-trial";
import { TriedFlow } from "./try-message";

/** An answer is given after about so long, for the cases that were run until then. */
const patienceMs = 12_000;
/** What was seen of the cases is sent along up to here. */
const maxTrialCharacters = 4_000_000;

/** Runs cases one after the other, each with the answers that it gives. */
export async function runCases(
  house: TrialHouse,
  document: FlowDocument,
  cases: readonly TestCase[],
): Promise<CasesRun> {
  const startedAt = performance.now();
  const tried = await openFlow(house, document);
  if (!(tried instanceof TriedFlow)) {
    const results = cases.map(({ name }) => ({ name, passed: false, differences: [], problem: tried, tookMs: 0 }));
    return { results, coverage: findCoverage([]) };
  }
  const results: CaseResult[] = [];
  const details: RunDetail[] = [];
  let characters = 0;
  for (const each of cases) {
    if (results.length > 0 && performance.now() - startedAt > patienceMs) break;
    const { trial, ...result } = await runCase(tried, each);
    if (trial) {
      details.push(trial.detail);
      characters += JSON.stringify(trial).length;
    }
    results.push(trial && characters <= maxTrialCharacters ? { ...result, trial } : result);
    // The flows that run in this worker have their turn.
    await breathe();
  }
  await tried.close();
  return { results, coverage: findCoverage(details) };
}

/** Why it cannot run is the answer to each of its cases. */
async function openFlow(house: TrialHouse, document: FlowDocument): Promise<TriedFlow | Cause> {
  try {
    return await TriedFlow.open(house, document, "given");
  } catch (error) {
    if (error instanceof TrialRefusal) return error.reason;
    throw error;
  }
}

async function runCase(tried: TriedFlow, testCase: TestCase): Promise<CaseResult> {
  const startedAt = performance.now();
  const { name } = testCase;
  const tookMs = () => Math.round(performance.now() - startedAt);
  try {
    const { trial, seen } = await tried.try(testCase);
    const differences = compareCase(tried.document, testCase, seen);
    const problem = trial.cut === undefined ? {} : { problem: { code: "trial-cut", message: trial.cut } };
    return { name, passed: differences.length === 0 && !trial.cut, differences, ...problem, trial, tookMs: tookMs() };
  } catch (error) {
    if (!(error instanceof TrialRefusal)) throw error;
    return { name, passed: false, differences: [], problem: error.reason, tookMs: tookMs() };
  }
}
