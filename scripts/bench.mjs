/**
 * `npm run bench [-- CASE …]`: flows beside the same work by hand, on services of the benchmark's own. `--keep` puts what was
 * measured into bench/results/latest.* and docs/performance.md; `--profile CASE` says where a flow spends its time.
 * By themselves: `npm run bench kafka-seam`, Kafka's encoder, decoder and plain loop without flows; `npm run bench sagas`, sagas here and
 * in Conductor; `npm run bench canvas`, the editor with 500 nodes beside plain React Flow, in Chromium; `npm run bench inspect`, searches in a
 * million runs, and open tabs.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { workerProcess } from "./application.mjs";
import { buildBundles, buildPages } from "./build.mjs";
import { listChildren, stopChild, stopWithParent } from "./children.mjs";
import { dataPath, root } from "./data.mjs";
import { checkNode, generateClient, installPackagesOfLock } from "./install.mjs";
import { kafkaVersion } from "./services/kafka.mjs";
import { run } from "./system.mjs";
import { fail, Refusal } from "./terminal.mjs";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "no-install": { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
  },
});
const programs = {
  "kafka-seam": "kafka-seam.ts",
  sagas: "sagas/main.ts",
  canvas: "canvas/main.ts",
  inspect: "inspect/main.ts",
};
const stopAll = () => Promise.all(listChildren().map((child) => stopChild(child)));
stopWithParent(async () => {
  await stopAll();
  process.exit(130);
});

/** Cases that want a Pulsar. */
const onPulsar = ["pulsar", "brokers", "across-brokers", "latency-brokers"];

try {
  checkNode();
  await installPackagesOfLock();
  await generateClient();
  const { cases } = await tsImport("../bench/cases.ts", import.meta.url);
  const alone = positionals.length === 1 ? programs[positionals[0]] : undefined;
  const unknown = alone ? [] : positionals.filter((name) => !Object.hasOwn(cases, name));
  const known = Object.keys(cases).join(", ");
  if (unknown.length > 0) throw new Refusal(`There is no case ${unknown.join(", ")}. There are: ${known}.`);
  if (flags.profile && positionals.length === 0) throw new Refusal(`Name the case to profile. There are: ${known}.`);
  const { startTestServices } = await import("./services/for-tests.mjs");
  const install = !flags["no-install"];
  const chosen = alone ? [] : positionals.length > 0 ? positionals : Object.keys(cases);
  const services = await startTestServices({ install, pulsar: onPulsar.some((name) => chosen.includes(name)) });
  const env = {
    ...process.env,
    DATABASE_URL: await services.database("bench"),
    REDIS_URL: services.redisUrl,
    RABBITMQ_URL: services.rabbitmqUrl,
    KAFKA_BROKERS: services.brokers,
    ...services.pulsar?.env,
    BENCH_WORKER: JSON.stringify(workerProcess),
    BENCH_KAFKA_VERSION: process.env.KAFKA_BROKERS ? "given from outside" : kafkaVersion,
  };
  if (alone && positionals[0] === "canvas") Object.assign(env, await findBrowser(install));
  if (alone && ["canvas", "inspect"].includes(positionals[0])) Object.assign(env, await openApp(services));
  const tsx = join(root, "node_modules", "tsx", "dist", "cli.mjs");
  const args = [...positionals, ...(flags.keep ? ["--keep"] : []), ...(flags.profile ? ["--profile"] : [])];
  const program = alone ?? "main.ts";
  const result = await run(process.execPath, [tsx, join("bench", program), ...args], {
    cwd: root,
    env,
    inherit: true,
  });
  await services.stop();
  // Gigabytes of messages that nobody needs again.
  rmSync(dataPath("test", "services"), { recursive: true, force: true });
  process.exit(result.ok ? 0 : 1);
} catch (error) {
  fail(error);
  await stopAll();
  process.exit(1);
}

async function findBrowser(install) {
  const { findChromium } = await import("./services/chromium.mjs");
  const chromium = await findChromium({ install });
  if (!chromium) throw new Refusal("There is no Chromium, and none could be had. Install one to measure the canvas.");
  return { MILLRACE_CHROMIUM: chromium };
}

/** The app as it ships. */
async function openApp(services) {
  await buildBundles();
  await buildPages();
  const { startTestApplication } = await import("./services/app-for-tests.mjs");
  const app = await startTestApplication(services, "bench-app");
  return app.env;
}
