/** What the reports of the test runners say: the counts, and by name what failed or passed only at the second attempt. */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { root } from "./data.mjs";

/** The report of Vitest. A file that cannot be loaded is one failure, as is a run that ended without one (`ok` false). */
export function readVitest(path, ok) {
  const report = readJson(path) ?? { testResults: [] };
  const failures = [];
  const counts = { passed: 0, skipped: 0 };
  for (const { name, status, message, assertionResults } of report.testResults) {
    const file = relative(root, name);
    const failed = assertionResults.filter((each) => each.status === "failed");
    for (const { fullName, failureMessages } of failed)
      failures.push({ file, name: fullName, reason: firstLine(failureMessages[0]) });
    if (status === "failed" && failed.length === 0)
      failures.push({ file, name: "the whole file", reason: firstLine(message) });
    counts.passed += assertionResults.filter((each) => each.status === "passed").length;
    counts.skipped += assertionResults.filter((each) => each.status !== "passed" && each.status !== "failed").length;
  }
  return tell(counts, failures, [], ok);
}

/** The report of Playwright. */
export function readPlaywright(path, ok) {
  const report = readJson(path) ?? { suites: [] };
  const failures = [];
  const unsteady = [];
  const counts = { passed: 0, skipped: 0 };
  const walk = ({ specs = [], suites = [] }) => {
    for (const { title, file, tests } of specs)
      for (const { status, results } of tests) {
        if (status === "skipped") counts.skipped++;
        else if (status === "unexpected")
          failures.push({ file: `e2e/${file}`, name: title, reason: firstLine(results.at(-1)?.error?.message) });
        else counts.passed++;
        if (status === "flaky") unsteady.push(`e2e/${file}: ${title}: ${firstLine(results[0]?.error?.message)}`);
      }
    for (const suite of suites) walk(suite);
  };
  walk(report);
  return tell(counts, failures, unsteady, ok);
}

function tell(counts, failures, unsteady, ok) {
  if (!ok && failures.length === 0) failures.push({ file: "", name: "the run", reason: "ended before its report" });
  return { ...counts, failed: failures.length, failures, unsteady };
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}

function firstLine(text = "") {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal begin with one
  const lines = text.replace(/\u001b\[[0-9;]*m/g, "").split("\n");
  return (lines.find((line) => line.trim() !== "") ?? "no reason given").trim().slice(0, 200);
}
