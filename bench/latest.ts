import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fillPage } from "./page";
import { writeReport } from "./report";
import { noResults, type Results } from "./results";

const folder = fileURLToPath(new URL("results", import.meta.url));
const page = fileURLToPath(new URL("../docs/performance.md", import.meta.url));

/** What was measured and kept; nothing yet when there is no file. */
export function readLatest(): Results {
  try {
    return JSON.parse(readFileSync(join(folder, "latest.json"), "utf8")) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return noResults;
    throw error;
  }
}

/** Writes results as JSON and as Markdown, `bench/results/<name>.*`. */
export function writeResults(name: string, results: Results): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, `${name}.md`), writeReport(results));
}

/** Puts results in the place of those of the same cases, here and in docs/performance.md. */
export function keepResults(results: Results): void {
  const before = readLatest();
  const latest: Results = {
    ...before,
    cases: { ...before.cases, ...results.cases },
    profiles: { ...before.profiles, ...results.profiles },
    ...(results.sagas ? { sagas: results.sagas } : {}),
    ...(results.canvas ? { canvas: results.canvas } : {}),
    ...(results.inspect ? { inspect: results.inspect } : {}),
  };
  writeResults("latest", latest);
  writeFileSync(page, fillPage(readFileSync(page, "utf8"), latest));
}
