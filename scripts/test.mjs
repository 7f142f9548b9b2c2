/**
 * `npm test`: lint, types, unit tests, a production build, tests on real services, the browser tests; ends with the counts.
 * `--only lint,unit` runs some of them; further words are passed on as filters (`npm test -- --only int runtime/system`).
 * Needs nothing installed to begin with.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildBundles, buildPages } from "./build.mjs";
import { listChildren, readLogEnd, stopChild, stopWithParent } from "./children.mjs";
import { dataPath, root } from "./data.mjs";
import { checkNode, generateClient, installPackagesOfLock } from "./install.mjs";
import { run } from "./system.mjs";
import { bold, dim, fail, formatTime, green, print, Refusal, red, yellow } from "./terminal.mjs";
import { checkTypes } from "./types.mjs";

const stages = ["lint", "types", "unit", "build", "int", "e2e"];
const { values: flags, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, "no-install": { type: "boolean", default: false } },
});
const chosen = flags.only?.split(",") ?? stages;
const unknown = chosen.filter((stage) => !stages.includes(stage));
const options = { install: !flags["no-install"] };
const onCi = Boolean(process.env.CI) && process.env.CI !== "false";
const totals = { passed: 0, failed: 0, skipped: 0 };
const summary = [];
const cleanups = [];
const reports = dataPath("test", "reports", ".").replace(/\.$/, "");

if (unknown.length > 0) {
  fail(new Refusal(`There is no stage ${unknown.join(", ")}. There are: ${stages.join(", ")}.`));
  process.exit(2);
}
stopWithParent(async () => {
  await stopEverything();
  process.exit(130);
});

const began = performance.now();
try {
  checkNode();
  await installPackagesOfLock();
  await generateClient();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  // Beside what needs none of them: most of it is waiting for downloads and brokers.
  const starting = wants("int") || wants("e2e") ? startServices() : null;
  if (wants("lint")) await runStage("Lint", checkLint);
  if (wants("types")) await runStage("Types", async () => countOne(await checkTypes()));
  if (wants("unit")) await runStage("Unit tests", () => runVitest("unit", {}));
  const built = wants("build") || wants("e2e") ? await runStage("Production build", buildAll) : null;
  const services = await starting;
  if (wants("int") && services) await runStage("Tests on real services", () => runIntegration(services));
  if (wants("e2e") && services) await runStage("Browser tests", () => runBrowser(services, built));
} catch (error) {
  fail(error);
  totals.failed++;
  summary.push(`${red("✗")} stopped by an error`);
}
await stopEverything();
print(`\n${bold("Summary")} ${dim(formatTime(performance.now() - began))}`);
for (const line of summary) print(`  ${line}`);
print(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);

function wants(stage) {
  return chosen.includes(stage);
}

/** Runs a stage, adds up its counts, says how it went. */
async function runStage(name, work) {
  print(`\n${bold(name)}`);
  const start = performance.now();
  let counts;
  try {
    counts = await work();
  } catch (error) {
    fail(error);
    counts = { passed: 0, failed: 1, skipped: 0 };
  }
  for (const key of Object.keys(totals)) totals[key] += counts[key];
  const mark = counts.failed > 0 ? red("✗") : counts.passed === 0 ? yellow("–") : green("✓");
  const words = Object.entries(counts).filter(([, count]) => count > 0);
  summary.push(
    `${mark} ${name}: ${words.map(([key, count]) => `${count} ${key}`).join(", ")} ${dim(formatTime(performance.now() - start))}`,
  );
  return counts;
}

function countOne(passed) {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
}

async function checkLint() {
  const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  const result = await run(process.execPath, [biome, "check", "--error-on-warnings", "."], {
    cwd: root,
    inherit: true,
  });
  return countOne(result.ok);
}

/** What tests run on, and a browser. Never rejects. Without a broker there is nothing to test on: a failure on CI, else said and left out. */
async function startServices() {
  const { startTestServices } = await import("./services/for-tests.mjs");
  try {
    const services = await startTestServices({ ...options, pulsar: wants("int") && needsPulsar() });
    cleanups.push(() => services.stop());
    if (!wants("e2e")) return services;
    const { findChromium } = await import("./services/chromium.mjs");
    return Object.assign(services, { chromium: await findChromium(options) });
  } catch (error) {
    if (!(error instanceof Refusal)) fail(error);
    const left = ["int", "e2e"].filter(wants).length;
    if (onCi || !(error instanceof Refusal)) totals.failed += left;
    else totals.skipped += left;
    summary.push(`${onCi ? red("✗") : yellow("–")} Services: ${error.message} What needs them was left out.`);
    return null;
  }
}

async function runIntegration(services) {
  const counts = await runVitest("int", {
    VITEST_SCOPE: "int",
    DATABASE_URL: await services.database("int"),
    REDIS_URL: services.redisUrl,
    RABBITMQ_URL: services.rabbitmqUrl,
    KAFKA_BROKERS: services.brokers,
    ...services.pulsar?.env,
  });
  // It takes a gigabyte, and the browser has no use for it.
  await services.pulsar?.stop?.();
  return counts;
}

/** Is one of the files that need Pulsar meant? */
function needsPulsar() {
  const files = readdirSync(join(root, "runtime"), { recursive: true }).map((path) => join("runtime", path));
  return files.some(
    (path) =>
      path.endsWith("pulsar.int.test.ts") && (filters.length === 0 || filters.some((word) => path.includes(word))),
  );
}

async function runVitest(name, env, ...more) {
  const report = join(reports, `${name}.json`);
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const args = [
    vitest,
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...more,
    ...filters,
  ];
  const result = await run(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, inherit: true });
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = readReport(report);
  // A file that cannot be loaded, or an error outside of any test, fails without a failed test.
  const failed = numFailedTests + (!result.ok && numFailedTests === 0 ? 1 : 0);
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
}

async function buildAll() {
  await buildBundles();
  await buildPages();
  return countOne(true);
}

async function runBrowser(services, built) {
  if (built?.failed) return { passed: 0, failed: 1, skipped: 0 };
  const { chromium } = services;
  if (!chromium) {
    print("  There is no Chromium, and none could be had. Install one to run the browser tests.");
    return { passed: 0, failed: onCi ? 1 : 0, skipped: onCi ? 0 : 1 };
  }
  const { startTestApplication } = await import("./services/app-for-tests.mjs");
  const app = await startTestApplication(services, "e2e");
  cleanups.unshift(app.stop);
  const report = join(reports, "e2e.json");
  const cli = join(root, "node_modules", "@playwright", "test", "cli.js");
  const env = { ...process.env, ...app.env, MILLRACE_CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const args = [cli, "test", "-c", "e2e/playwright.config.ts", "--reporter=list,json", ...filters];
  const result = await run(process.execPath, args, { cwd: root, env, inherit: true });
  await app.stop();
  const { expected, unexpected, flaky, skipped } = readReport(report).stats;
  if (!result.ok)
    for (const name of ["web", "worker"]) print(dim(`${name}: ${readLogEnd(join(app.logs, `${name}.log`), 5)}`));
  return { passed: expected + flaky, failed: unexpected + (!result.ok && unexpected === 0 ? 1 : 0), skipped };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // It did not get as far as a report; its exit code says that it failed.
    return {
      numPassedTests: 0,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
      stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0 },
    };
  }
}

async function stopEverything() {
  for (const clean of cleanups.splice(0)) await Promise.resolve(clean()).catch(() => {});
  await Promise.all(listChildren().map((child) => stopChild(child, 10_000)));
}
