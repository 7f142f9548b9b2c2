import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readPlaywright, readVitest } from "./test-reports.mjs";

const dir = mkdtempSync(join(tmpdir(), "millrace-reports-"));
function write(report: object): string {
  const path = join(dir, "report.json");
  writeFileSync(path, JSON.stringify(report));
  return path;
}

describe("reports of test runs", () => {
  it("name each failure with its file and the first line of its reason", () => {
    const assertionResults = [
      { status: "passed", fullName: "adds", failureMessages: [] },
      {
        status: "failed",
        fullName: "takes away",
        failureMessages: ["\u001b[31mAssertionError\u001b[39m: 1 is 2\n  at"],
      },
      { status: "pending", fullName: "divides", failureMessages: [] },
    ];
    const broken = {
      name: join(process.cwd(), "b.test.ts"),
      status: "failed",
      message: "Cannot load it",
      assertionResults: [],
    };
    const report = {
      testResults: [{ name: join(process.cwd(), "a.test.ts"), status: "failed", assertionResults }, broken],
    };
    expect(readVitest(write(report), false)).toEqual({
      ...{ passed: 1, failed: 2, skipped: 1, unsteady: [] },
      failures: [
        { file: "a.test.ts", name: "takes away", reason: "AssertionError: 1 is 2" },
        { file: "b.test.ts", name: "the whole file", reason: "Cannot load it" },
      ],
    });
  });

  it("tell what passed at the second attempt only", () => {
    const spec = (title: string, status: string, ...results: object[]) => ({
      ...{ title, file: "01.spec.ts" },
      tests: [{ status, results }],
    });
    const wrong = { error: { message: "Error: not there" } };
    const specs = [
      spec("walks", "expected", {}),
      spec("draws", "flaky", wrong, {}),
      spec("breaks", "unexpected", wrong),
    ];
    expect(readPlaywright(write({ suites: [{ suites: [{ specs }] }] }), false)).toEqual({
      ...{ passed: 2, failed: 1, skipped: 0, unsteady: ["e2e/01.spec.ts: draws: Error: not there"] },
      failures: [{ file: "e2e/01.spec.ts", name: "breaks", reason: "Error: not there" }],
    });
  });

  it("count a run that ended without a report as a failure", () => {
    for (const read of [readVitest, readPlaywright])
      expect(read(join(dir, "none.json"), false)).toMatchObject({ passed: 0, failed: 1 });
  });
});
