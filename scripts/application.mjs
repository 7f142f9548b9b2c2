/** Starts what Millrace itself is, on services that run: the database brought up to date, one web process, one worker, each kept running. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readLogEnd, startChild } from "./children.mjs";
import { keepSecretFile, root } from "./data.mjs";
import { waitFor } from "./network.mjs";
import { keepRunning } from "./supervise.mjs";
import { runOrFail } from "./system.mjs";
import { Refusal, step } from "./terminal.mjs";

const program = (...path) => join(root, "node_modules", ...path);
/**
 * How a worker takes memory. The larger the heap may become, the more it grows before all of it is collected: at 1 GB by half, at 192 MB by
 * less than a third. Answers of brokers lie beside the heap, in one arena, where each takes the room of those before it.
 */
export const workerProcess = {
  flags: ["--max-old-space-size=1024"],
  env: { MALLOC_ARENA_MAX: "1" },
};

/** Applies migrations, puts in what ships. */
export async function prepareDatabase({ env, token }) {
  await step("Database", async (note) => {
    const { migrate } = await import("./migrate.mjs");
    const applied = await migrate(env.DATABASE_URL);
    const hash = token ? createHash("sha256").update(token).digest("hex") : "";
    const seedEnv = { ...env, MILLRACE_LOCAL_TOKEN_HASH: hash };
    const output = await runOrFail("Putting in the examples", process.execPath, [join(root, "dist", "seed.mjs")], {
      cwd: root,
      env: seedEnv,
    });
    const { added } = JSON.parse(output.split("\n").at(-1));
    const words = [
      applied.length > 0 && `${applied.length} migrations applied`,
      added.length > 0 && `${added.length} examples added`,
    ];
    note(words.filter(Boolean).join(", ") || "up to date");
  });
}

/** Longer than clients and proxies keep a connection that is idle: else one of them writes to it just as it is closed here. */
const keepAliveMs = 75_000;

/** Starts the web process and waits until it answers. */
export async function startWeb({ env, host, port, logs, dev = false }) {
  return step("Web", async (note) => {
    const log = join(logs, "web.log");
    const words = dev ? ["dev"] : ["start", "--keepAliveTimeout", String(keepAliveMs)];
    const args = [program("next", "dist", "bin", "next"), ...words, "-H", host, "-p", String(port)];
    const start = () =>
      startChild("web", process.execPath, dev ? args : ["--enable-source-maps", ...args], {
        log,
        cwd: root,
        env: {
          ...workerProcess.env,
          ...env,
          NODE_ENV: dev ? "development" : "production",
          NEXT_TELEMETRY_DISABLED: "1",
          PORT: String(port),
        },
      });
    const web = await keepRunning("The web process", async () => start(), { stopWithinMs: 5_000 });
    const address = `http://${host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host}:${port}`;
    const up = await waitFor(() => answersPages(address), { timeoutMs: 60_000 });
    if (!up) {
      await web.stop();
      throw new Refusal(`The web process did not answer. The end of ${log}:\n${readLogEnd(log, 25)}`);
    }
    note(`answers on ${address}`);
    return { ...web, address };
  });
}

/** Starts a worker and waits for its first heartbeat. */
export async function startWorker({ env, logs, dev = false }) {
  return step("Worker", async (note) => {
    const log = join(logs, "worker.log");
    const args = dev
      ? [program("tsx", "dist", "cli.mjs"), "watch", "--clear-screen=false", join(root, "runtime", "main.ts")]
      : [...workerProcess.flags, join(root, "dist", "worker.mjs")];
    const start = () =>
      startChild("worker", process.execPath, args, {
        log,
        cwd: root,
        env: { ...workerProcess.env, ...env, NODE_ENV: dev ? "development" : "production" },
      });
    // By the database's clock, which the heartbeat is written with: this machine's may differ.
    const began = await readClock(env.DATABASE_URL);
    const worker = await keepRunning("The worker", async () => start(), { stopWithinMs: 20_000 });
    const pid = await waitFor(() => readHeartbeat(env.DATABASE_URL, began), { timeoutMs: 60_000 });
    if (!pid) {
      await worker.stop();
      throw new Refusal(`The worker did not report. The end of ${log}:\n${readLogEnd(log, 25)}`);
    }
    note(`runs (pid ${pid})`);
    return worker;
  });
}

/** The environment of web and worker: what is set already, with the addresses that were found. */
export function makeEnvironment({ databaseUrl, redisUrl, rabbitmqUrl, brokers, pulsarUrl, url }) {
  const secret = process.env.MILLRACE_SECRET || keepSecretFile("secret");
  const env = { ...process.env, DATABASE_URL: databaseUrl, MILLRACE_SECRET: secret };
  const addresses = {
    REDIS_URL: redisUrl,
    RABBITMQ_URL: rabbitmqUrl,
    KAFKA_BROKERS: brokers,
    PULSAR_URL: pulsarUrl,
    MILLRACE_URL: url,
  };
  for (const [name, value] of Object.entries(addresses)) {
    if (value) env[name] = value;
    else delete env[name];
  }
  return env;
}

async function answersPages(address) {
  try {
    const response = await fetch(address, { redirect: "manual", signal: AbortSignal.timeout(20_000) });
    return response.status < 500;
  } catch {
    return false;
  }
}

async function readClock(databaseUrl) {
  const [row] = await query(databaseUrl, "SELECT (now() AT TIME ZONE 'UTC')::text AS at");
  return row.at;
}

async function readHeartbeat(databaseUrl, since) {
  const sql = `SELECT pid FROM "Worker" WHERE "startedAt" >= $1::timestamp(3) AND "heartbeatAt" >= $1::timestamp(3) ORDER BY "startedAt" DESC LIMIT 1`;
  const rows = await query(databaseUrl, sql, [since]).catch(() => []);
  return rows[0]?.pid ?? null;
}

async function query(databaseUrl, sql, values) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: databaseUrl });
  try {
    await client.connect();
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}
