import { describeDifference } from "../../flow/case-words";
import { findKind } from "../../flow/catalog";
import { listCoverable } from "../../flow/coverage";
import type { FlowDocument } from "../../flow/document";
import { formatFlow } from "../../flow/format";
import { readMessageLines } from "../../flow/message-lines";
import type { TestMessage } from "../../flow/test-case";
import type { CaseResult, Coverage } from "../../flow/trial";
import type { Command, CommandInput } from "../command";
import { CommandFailure, refuseUsage } from "../failure";
import { writeJunit } from "../junit";
import { numberOption, textOption } from "../options";
import { cleanText, formatNumberOf } from "../table";
import { namesFile, readFlowFile } from "./files";

export const test: Command = {
  usage: "test FILE | NAME [--case NAME …] [--junit FILE]",
  summary: "Run the cases of a file, or of a flow's draft, and say where they differ",
  needs: 1,
  options: { case: { type: "string", multiple: true }, junit: { type: "string" } },
  async run(input) {
    const document = await readDocument(input, input.args[0]!);
    const chosen = Array.isArray(input.options.case) ? (input.options.case as string[]) : [];
    if ((document.tests ?? []).length === 0)
      throw new CommandFailure(`${document.name} has no cases. \`flow capture\` makes some of messages.`, {
        code: "tests-none",
      });
    const names = chosen.length > 0 ? { names: chosen } : {};
    const { results, coverage } = await input.client.trials.runCases.mutate({ document, ...names });
    const junit = textOption(input, "junit");
    if (junit !== undefined) await input.writeFile(junit, writeJunit(document.name, results));
    const failed = results.filter(({ passed }) => !passed).length;
    const all = listCoverable(document);
    const text = [
      ...results.map(writeResult),
      "",
      `${formatNumberOf(results.length, "case")}: ${results.length - failed} passed, ${failed} failed. They came by ${measure(coverage, all)}.`,
    ].join("\n");
    return {
      data: { flow: document.name, passed: failed === 0, results, coverage, coverable: all },
      text,
      ...(failed === 0
        ? {}
        : { failure: `${failed} of ${formatNumberOf(results.length, "case")} of ${document.name} failed.` }),
    };
  },
};

export const capture: Command = {
  usage: "capture FILE --at SOURCE --last N | --messages NDJSON [--calls make|given]",
  summary: "Make cases of messages, with what the flow makes of them as expectation, and write them into the file",
  needs: 1,
  options: {
    at: { type: "string" },
    last: { type: "string" },
    messages: { type: "string" },
    calls: { type: "string" },
  },
  async run(input) {
    const path = input.args[0]!;
    if (path === "-") throw refuseUsage("The cases are written into a file: name one.", capture.usage);
    const document = await readFlowFile(input, path);
    const at = textOption(input, "at") ?? findOnlySource(document);
    const calls = textOption(input, "calls") ?? "make";
    if (calls !== "make" && calls !== "given") throw refuseUsage(`--calls takes make or given, not “${calls}”.`);
    const from = await chooseMessages(input);
    const { cases, skipped } = await input.client.trials.capture.mutate({ document, at, from, calls });
    if (cases.length > 0)
      await input.writeFile(
        path,
        formatFlow({ ...document, tests: [...(document.tests ?? []), ...cases] as FlowDocument["tests"] }),
      );
    const lines = [
      ...cases.map(({ name }) => `added    ${cleanText(name)}`),
      ...skipped.map(({ what, words }) => `skipped  ${cleanText(what)}: ${words}`),
      `${formatNumberOf(cases.length, "case")} added to ${path}.`,
    ];
    return {
      data: { flow: document.name, cases, skipped },
      text: lines.join("\n"),
      ...(cases.length > 0
        ? {}
        : { failure: `No case was made: ${skipped.length > 0 ? "see above" : "no message was there"}.` }),
    };
  },
};

async function readDocument(input: CommandInput, what: string): Promise<FlowDocument> {
  if (what === "-" || namesFile(input, what)) return readFlowFile(input, what);
  const { draft } = await input.client.flows.get.query({ name: what });
  if (draft) return draft;
  throw new CommandFailure(`The draft of ${what} is of a format that this version does not read.`, {
    code: "file-format",
  });
}

function findOnlySource({ nodes }: FlowDocument): string {
  const sources = nodes.filter(({ kind }) => findKind(kind)?.role === "source").map(({ id }) => id);
  if (sources.length === 1) return sources[0]!;
  throw refuseUsage(`Say at which source with --at: ${sources.join(", ") || "the flow has none"}.`, capture.usage);
}

async function chooseMessages(input: CommandInput): Promise<{ last: number } | { messages: TestMessage[] }> {
  const last = numberOption(input, "last", { min: 1, max: 100 });
  const path = textOption(input, "messages");
  if ((last === undefined) === (path === undefined))
    throw refuseUsage("Say which messages: --last N, or --messages with a file of one message a line.", capture.usage);
  if (path === undefined) return { last: last! };
  const { messages, problems } = readMessageLines(await input.readFile(path));
  // Half of a file is no surprise that anybody wants.
  if (problems.length > 0) {
    const told = problems.slice(0, 10).map(({ line, words }) => `${path}:${line}: ${words}`);
    throw new CommandFailure(told.join("\n"), { code: "file-field-invalid" });
  }
  if (messages.length === 0) throw new CommandFailure(`${path} has no messages.`);
  return { messages: messages.map(({ message }) => message) };
}

function writeResult({ name, passed, problem, differences, tookMs }: CaseResult): string {
  const head = `${passed ? "ok    " : "failed"}  ${cleanText(name)} (${tookMs} ms)`;
  if (problem) return `${head}\n        ${problem.message} (${problem.code})`;
  return [head, ...differences.map((each) => `        ${each.at}: ${cleanText(describeDifference(each))}`)].join("\n");
}

function measure(coverage: Coverage, all: Coverage): string {
  const share = (part: readonly string[], whole: readonly string[]) =>
    `${whole.filter((each) => part.includes(each)).length} of ${whole.length}`;
  return `${share(coverage.nodes, all.nodes)} nodes and ${share(coverage.ports, all.ports)} ports`;
}
