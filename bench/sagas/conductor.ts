/** The same three steps in Conductor, its state in Redis with an append-only file, served by a worker that polls. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { waitUntil } from "../../runtime/system/rig";
import { findAnyPort } from "../../scripts/network.mjs";
import { send } from "./client";
import type { SagaSide } from "./side";

export const conductorVersion = "3.21.14";
const jar = join(
  homedir(),
  `.m2/repository/org/conductoross/conductor-server/${conductorVersion}/conductor-server-${conductorVersion}-boot.jar`,
);
const startTimeoutMs = 300_000;
const closeTimeoutMs = 5_000;
const readAtOnce = 20;
const tasks = ["stock", "card", "carrier"];
const workflow = "bench_orders";

export const conductor: SagaSide = {
  name: "conductor",
  label: `Conductor ${conductorVersion}, Redis`,
  async open({ services, url }) {
    await fetchConductor();
    const redis = new Redis(services.redisUrl);
    await redis.config("SET", "appendonly", "yes");
    const redisPid = Number(/process_id:(\d+)/.exec(await redis.info("server"))?.[1]);
    redis.disconnect();
    const api = `http://127.0.0.1:${await findAnyPort()}`;
    const server = startServer(new URL(services.redisUrl).port || "6379", new URL(api).port);
    const isHealthy = async () => (await send(`${api}/health`)).includes('"healthy":true');
    try {
      await waitUntil("Conductor to be healthy", isHealthy, startTimeoutMs, async () => server.words());
      await define(`${api}/api`);
    } catch (error) {
      await end(server.child);
      throw error;
    }
    const worker = startWorker(`${api}/api`, url);
    const workflows = new Map<string, string>();
    return {
      pids: () => [server.child.pid!, worker.pid!],
      storePids: async () => [redisPid],
      async start(id) {
        const body = JSON.stringify({ name: workflow, version: 1, input: { id, quantity: 2, amount: 42 } });
        workflows.set(id, await send(`${api}/api/workflow`, { method: "POST", body }));
      },
      async readEnds(ids) {
        const ends = new Map<string, number>();
        for (let at = 0; at < ids.length; at += readAtOnce) {
          const some = ids.slice(at, at + readAtOnce);
          await Promise.all(
            some.map(async (id) => {
              const told = await send(`${api}/api/workflow/${workflows.get(id)}?includeTasks=false`);
              const { status, endTime } = JSON.parse(told) as { status: string; endTime: number };
              if (status === "COMPLETED") ends.set(id, endTime);
            }),
          );
        }
        return ends;
      },
      async close() {
        await end(worker);
        await end(server.child);
      },
    };
  },
};

/** Fetches the server once. @throws Error when Maven cannot */
async function fetchConductor(): Promise<void> {
  if (existsSync(jar)) return;
  const artifact = `org.conductoross:conductor-server:${conductorVersion}:jar:boot`;
  const args = ["-q", "-B", "dependency:get", "-Dtransitive=false", `-Dartifact=${artifact}`];
  await promisify(execFile)("mvn", args, { timeout: 600_000 });
}

function startServer(redisPort: string, port: string) {
  const settings = {
    "server.port": port,
    loadSample: false,
    "conductor.db.type": "redis_standalone",
    "conductor.queue.type": "redis_standalone",
    "conductor.redis.hosts": `127.0.0.1:${redisPort}:us-east-1c`,
    "conductor.indexing.enabled": false,
    "conductor.app.workflow-execution-lock-enabled": true,
    "conductor.workflow-execution-lock.type": "local_only",
    "conductor.grpc-server.enabled": false,
    "conductor.default-event-queue.type": "conductor",
    "management.health.elasticsearch.enabled": false,
    "conductor.app.system-task-worker-thread-count": 16,
    "conductor.app.sweeper-thread-count": 4,
  };
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const child = spawn("java", ["-Xmx1g", "-XX:+UseSerialGC", "-jar", jar, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let words = "";
  const keep = (part: Buffer) => {
    words = (words + part.toString()).slice(-2_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return { child, words: () => words };
}

async function define(api: string): Promise<void> {
  const owner = { ownerEmail: "bench@example.com" };
  const definitions = tasks.map((name) => ({
    name,
    ...owner,
    retryCount: 3,
    timeoutSeconds: 60,
    responseTimeoutSeconds: 10,
  }));
  await send(`${api}/metadata/taskdefs`, { method: "POST", body: JSON.stringify(definitions) });
  const steps = tasks.map((name) => ({
    name,
    taskReferenceName: name,
    type: "SIMPLE",
    inputParameters: { id: "${workflow.input.id}" },
  }));
  const drawn = { name: workflow, version: 1, schemaVersion: 2, timeoutSeconds: 600, ...owner, tasks: steps };
  await send(`${api}/metadata/workflow`, { method: "PUT", body: JSON.stringify([drawn]) });
}

function startWorker(api: string, url: string): ChildProcess {
  const program = fileURLToPath(new URL("conductor-worker.ts", import.meta.url));
  return spawn(process.execPath, ["--import", "tsx", program, api, url], { stdio: ["ignore", "inherit", "inherit"] });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), closeTimeoutMs);
  await gone;
  clearTimeout(hard);
}
