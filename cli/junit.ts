import { describeDifference, explainCase } from "../flow/case-words";
import type { CaseResult } from "../flow/trial";
import { cleanText } from "./table";

/** Results as JUnit XML, as CI systems read it: a case that differs is a failure, one that could not be tried an error. */
export function writeJunit(flow: string, results: readonly CaseResult[]): string {
  const failures = results.filter(({ passed, problem }) => !passed && !problem).length;
  const errors = results.filter(({ passed, problem }) => !passed && problem).length;
  const counts = attributes({
    name: flow,
    tests: results.length,
    failures,
    errors,
    time: seconds(results.reduce((sum, { tookMs }) => sum + tookMs, 0)),
  });
  const cases = results.map((result) => writeCase(flow, result));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${counts}>`,
    `  <testsuite${counts}>`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function writeCase(flow: string, result: CaseResult): string {
  const head = `    <testcase${attributes({ name: result.name, classname: flow, time: seconds(result.tookMs) })}`;
  const why = explainCase(result);
  if (why === null) return `${head}/>`;
  const { problem, differences } = result;
  const lines = problem ? [problem.message] : differences.map((each) => `${each.at}: ${describeDifference(each)}`);
  const kind = problem ? "error" : "failure";
  const about = attributes({ message: why, type: problem?.code ?? "difference" });
  return `${head}>\n      <${kind}${about}>${escapeXml(lines.join("\n"))}</${kind}>\n    </testcase>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join("");
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

/** What XML has no character for becomes the replacement character. */
function escapeXml(text: string): string {
  return cleanText(text)
    .replaceAll(/[\p{Cs}\ufffe\uffff]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
