import "server-only";
import type { Question } from "@/flow/control";
import { mergeCoverage } from "@/flow/coverage";
import type { FlowDocument } from "@/flow/document";
import { parseFlow } from "@/flow/parse";
import type { TestCase } from "@/flow/test-case";
import type { CaseResult, CasesRun, Coverage, Trial } from "@/flow/trial";
import { type Actor, recordAudit } from "../audit";
import { database } from "../database";
import { refusal } from "../refusal";
import { askOneOf, findLivingWorkers, type LivingWorker, takeAnswer } from "../worker-client";
import { findFlow } from "./find-flow";

/** A flow's draft, or a document as it stands in an editor or a file. */
export interface Drawing {
  flow?: string | undefined;
  document?: unknown;
}

export type TryRequest = Drawing & Omit<Question<"message-try">, "document">;

/** Tries one message on a drawing. Who calls others in earnest by it is written down. */
export async function tryMessage(actor: Actor, { flow, document: given, ...question }: TryRequest): Promise<Trial> {
  const document = await readDrawing(actor.environment, { flow, document: given });
  const ask = await openTrials(actor.environment, document);
  const trial = await ask(question);
  await auditCalls(actor, document.name, [trial]);
  return trial;
}

/** Runs the cases of a drawing, or those of these names. */
export async function runCases(
  environment: string,
  request: Drawing & { names?: string[] | undefined },
): Promise<CasesRun> {
  const document = await readDrawing(environment, request);
  return runCasesOf(environment, document, chooseCases(document, request.names));
}

/** Runs cases, as many at a time as a worker does in the time of an answer. */
export async function runCasesOf(
  environment: string,
  document: FlowDocument,
  cases: readonly TestCase[],
): Promise<CasesRun> {
  const workers = await findTriers(environment, document);
  const drawing = strip(document);
  const results: CaseResult[] = [];
  let coverage: Coverage = { nodes: [], ports: [] };
  while (results.length < cases.length) {
    const question = { document: drawing, cases: takeSome(cases.slice(results.length)) };
    const answer = takeAnswer(await askOneOf(workers, "cases-run", question, answerTimeoutMs));
    if (answer.results.length === 0) throw refusal("INTERNAL_SERVER_ERROR", "worker-failed", "The worker ran no case.");
    results.push(...answer.results);
    coverage = mergeCoverage([coverage, answer.coverage]);
  }
  return { results, coverage };
}

/** What asks the workers of now to try messages on a drawing, one after the other; nothing is written down of it. */
export async function openTrials(
  environment: string,
  document: FlowDocument,
): Promise<(question: Omit<Question<"message-try">, "document">) => Promise<Trial>> {
  const workers = await findTriers(environment, document);
  const drawing = strip(document);
  return async (question) =>
    takeAnswer(await askOneOf(workers, "message-try", { ...question, document: drawing }, answerTimeoutMs));
}

/** @throws TRPCError when there is no such flow, or the document is none */
export async function readDrawing(environment: string, { flow, document }: Drawing): Promise<FlowDocument> {
  const file = document ?? (await findFlow(database().prisma, environment, flow ?? "")).draft;
  const parsed = parseFlow(file);
  if (parsed.flow) return parsed.flow;
  const [problem] = parsed.problems;
  throw refusal("BAD_REQUEST", problem?.code ?? "file-format", problem?.message ?? "This is not a flow file.");
}

/** Calls that were made in earnest are somebody's deed. */
export async function auditCalls(actor: Actor, flow: string, trials: readonly Trial[]): Promise<void> {
  const called = trials.flatMap(({ effects }) => effects.filter(({ is }) => is === "called"));
  if (called.length === 0) return;
  const places = [...new Set(called.map((effect) => ("to" in effect ? effect.to : "")))].slice(0, 20);
  await recordAudit(database().prisma, actor, "trial.call", flow, { calls: called.length, to: places });
}

/** Longer than a worker takes for a trial. */
const answerTimeoutMs = 30_000;
/** Cases of one question have at most so much text, but for a single one. */
const questionCharacters = 1_000_000;

function takeSome(cases: readonly TestCase[]): TestCase[] {
  const taken: TestCase[] = [];
  let characters = 0;
  for (const each of cases) {
    characters += JSON.stringify(each).length;
    if (taken.length > 0 && characters > questionCharacters) break;
    taken.push(each);
  }
  return taken;
}

function chooseCases(document: FlowDocument, names: readonly string[] | undefined): TestCase[] {
  const cases = document.tests ?? [];
  const missing = names?.find((name) => cases.every((each) => each.name !== name));
  if (missing !== undefined) {
    const there =
      cases.length === 0 ? "It has no cases." : `It has ${cases.map(({ name }) => `“${name}”`).join(", ")}.`;
    throw refusal("NOT_FOUND", "test-missing", `“${document.name}” has no case “${missing}”. ${there}`);
  }
  return names ? cases.filter(({ name }) => names.includes(name)) : cases;
}

/** Any worker can try a message; those of the flow's label are where it is going to run. */
async function findTriers(environment: string, document: FlowDocument): Promise<LivingWorker[]> {
  const label = document.settings?.workers ?? null;
  const living = await findLivingWorkers(environment);
  return [...living].sort((a, b) => Number(b.label === label) - Number(a.label === label));
}

/** What a trial has no use for stays here. */
function strip({ tests: _tests, notes: _notes, groups: _groups, ...document }: FlowDocument): FlowDocument {
  return document;
}
