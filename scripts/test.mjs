/**
 * `npm test`: lint, types, unit tests, a production build, tests on real services, the browser tests; ends with the counts.
 * `--only lint,unit` runs some of them; further words are passed on as filters (`npm test -- --only int runtime/system`).
 * Needs nothing installed to begin with.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildBundles, buildPages } from "./build.mjs";
import { listChildren, readLogEnd, stopChild, stopWithParent } from "./children.mjs";
import { dataPath, root } from "./data.mjs";
import { checkNode, generateClient, installPackagesOfLock } from "./install.mjs";
import { run } from "./system.mjs";
import { bold, dim, fail, formatTime, green, print, Refusal, red, yellow } from "./terminal.mjs";
import { readPlaywright, readVitest } from "./test-reports.mjs";
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
/** By name, so that whoever reads the end alone knows. */
const failures = [];
const unsteady = [];
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
  if (wants("unit")) await runStage("Unit tests", () => runFiles("unit", {}));
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
tellOf("Failed", red, failures);
tellOf("Passed at the second attempt only: defects to be found", yellow, unsteady);
print(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);

function wants(stage) {
  return chosen.includes(stage);
}

function tellOf(heading, colour, lines) {
  if (lines.length > 0) print(`\n${bold(heading)}`);
  for (const line of lines) print(`  ${colour("·")} ${line}`);
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
    counts = { passed: 0, failed: 1, skipped: 0, failures: [{ file: name, name: "the stage", reason: error.message }] };
  }
  for (const key of Object.keys(totals)) totals[key] += counts[key];
  failures.push(...(counts.failures ?? []).map((each) => `${each.file}: ${each.name}: ${each.reason}`));
  unsteady.push(...(counts.unsteady ?? []));
  const mark = counts.failed > 0 ? red("✗") : counts.passed === 0 ? yellow("–") : green("✓");
  const words = Object.keys(totals).filter((key) => counts[key] > 0);
  summary.push(
    `${mark} ${name}: ${words.map((key) => `${counts[key]} ${key}`).join(", ")} ${dim(formatTime(performance.now() - start))}`,
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
    const { findHeadlessShell } = await import("./services/chromium.mjs");
    return Object.assign(services, { chromium: await findHeadlessShell(options) });
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
  // Each file has a database of its own: a copy of this one, so that it is migrated once.
  const { migrate } = await import("./migrate.mjs");
  const template = await services.database("template");
  await migrate(template);
  const env = {
    VITEST_SCOPE: "int",
    DATABASE_URL: await services.database("int"),
    TEMPLATE_URL: template,
    REDIS_URL: services.redisUrl,
    RABBITMQ_URL: services.rabbitmqUrl,
    KAFKA_BROKERS: services.brokers,
    ...services.pulsar?.env,
  };
  const counts = await runFiles("int", env);
  // It takes a gigabyte, and the browser has no use for it.
  await services.pulsar?.stop?.();
  return counts;
}

/** Runs test files; on CI those that failed once more, one after the other: what passes now is no steady test, and is named as that. */
async function runFiles(stage, env) {
  const told = await runVitest(stage, env, filters);
  if (!onCi || told.failed === 0) return told;
  const files = [...new Set(told.failures.map(({ file }) => file))];
  if (files.some((file) => file === "") || files.length > 5) return told;
  const again = await runVitest(`${stage}-again`, env, ["--no-file-parallelism", ...files]);
  const failsStill = ({ file, name }) => again.failures.some((each) => each.file === file && each.name === name);
  if (again.failures.some(({ file }) => file === "")) return told;
  const passed = told.failures.filter((each) => !failsStill(each));
  return {
    passed: told.passed + passed.length,
    failed: told.failed - passed.length,
    skipped: told.skipped,
    failures: told.failures.filter((each) => !passed.includes(each)),
    unsteady: passed.map(({ file, name, reason }) => `${file}: ${name}: ${reason}`),
  };
}

/** Is one of the files that need Pulsar meant? */
function needsPulsar() {
  const files = readdirSync(join(root, "runtime"), { recursive: true }).map((path) => join("runtime", path));
  return files.some(
    (path) =>
      path.endsWith("pulsar.int.test.ts") && (filters.length === 0 || filters.some((word) => path.includes(word))),
  );
}

async function runVitest(name, env, words) {
  const report = join(reports, `${name}.json`);
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const args = [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...words];
  const result = await run(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, inherit: true });
  return readVitest(report, result.ok);
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
  const apps = await startApplications(services);
  cleanups.unshift(() => Promise.all(apps.map((app) => app.stop())));
  const report = join(reports, "e2e.json");
  const cli = join(root, "node_modules", "@playwright", "test", "cli.js");
  const env = {
    ...process.env,
    ...apps[0].env,
    MILLRACE_LANES: JSON.stringify(apps.map((app) => app.lane)),
    MILLRACE_CHROMIUM: chromium,
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  };
  const args = [cli, "test", "-c", "e2e/playwright.config.ts", "--reporter=list,json", ...filters];
  const result = await run(process.execPath, args, { cwd: root, env, inherit: true });
  await Promise.all(apps.map((app) => app.stop()));
  if (!result.ok)
    for (const { name, logs } of apps)
      for (const part of ["web", "worker"])
        print(dim(`${part} of ${name}: ${readLogEnd(join(logs, `${part}.log`), 5)}`));
  return readPlaywright(report, result.ok);
}

/**
 * One for each lane of specs: two side by side where there are cores for both, else, and for specs that were chosen, one. Each has a database and a Redis of its own; Kafka and
 * RabbitMQ are shared, as what specs make there has names of their own.
 */
async function startApplications(services) {
  const { startTestApplication } = await import("./services/app-for-tests.mjs");
  const apps = [];
  for (const name of filters.length === 0 && availableParallelism() >= 4 ? ["e2e", "e2e_beside"] : ["e2e"]) {
    const app = await startTestApplication({ ...services, redisUrl: await services.redis(name) }, name);
    const own = ["DATABASE_URL", "REDIS_URL", "MILLRACE_URL", "MILLRACE_SECRET", "MILLRACE_TOKEN"];
    apps.push({ ...app, name, lane: Object.fromEntries(own.map((key) => [key, app.env[key]])) });
  }
  return apps;
}

async function stopEverything() {
  for (const clean of cleanups.splice(0)) await Promise.resolve(clean()).catch(() => {});
  await Promise.all(listChildren().map((child) => stopChild(child, 10_000)));
}
