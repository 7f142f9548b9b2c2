import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { StartingPlace } from "../../flow/behaviour";
import type { DeploymentLive } from "../../flow/control";
import { controlChannel, heartbeatTimeoutMs } from "../../flow/control";
import type { FlowDocument } from "../../flow/document";
import { createDatabase, type Database } from "../../prisma/client";
import { createTestDatabase, dropTestDatabase } from "../../prisma/testing";
import { sleep } from "../backoff";

/** A database of its own, connections as they ship, and real worker processes: what the system tests stand on. */
export interface Rig {
  readonly database: Database;
  readonly databaseUrl: string;
  /** Deploys the flow (a new version when it is there already) and wakes the workers. Returns the deployment's revision. */
  deploy(flow: FlowDocument, start?: StartingPlace): Promise<number>;
  /** Goes back to a version that is there. */
  rollBack(name: string, version: number): Promise<void>;
  stop(name: string): Promise<void>;
  /** `flags` are Node's; those of the tests unless others are given. */
  startWorker(env?: Record<string, string>, flags?: readonly string[]): RigWorker;
  /** What the workers last reported of the flow. */
  live(name: string): Promise<DeploymentLive[]>;
  /** Waits until a worker reports the flow's newest revision as running. */
  running(name: string, timeoutMs?: number): Promise<void>;
  deadLetters(name: string): Promise<number>;
  /** Workers whose heartbeat is fresh, with the address of their control endpoint. */
  workers(): Promise<{ pid: number; address: string; health: unknown }[]>;
  close(): Promise<void>;
}

/** How worker processes are started as they ship: flags of Node, and what else their environment has. */
export interface WorkerProcess {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface RigWorker {
  readonly pid: () => number;
  /** Highest resident memory seen so far, in MiB. */
  readonly peakMemory: () => number;
  readonly log: () => string;
  /** How often the process was started again after it died. */
  readonly restarts: () => number;
  kill(signal: NodeJS.Signals): void;
  /** Ends it for good and waits until it is gone; by SIGTERM unless told otherwise. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

export interface RigServices {
  /** A server's address; the rig makes a database of its own on it. */
  readonly postgresUrl: string;
  readonly kafkaBrokers: string;
  readonly redisUrl: string;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What the rig's workers are started with: secrets and tokens are derived from it. */
export const rigSecret = "a-secret-for-system-tests-only-0123456789";
const testFlags = ["--max-old-space-size=256"];
let counter = 0;

/** Services as the test runner gives them. @throws Error when one is missing: a system test never runs on less. */
export function servicesOfRunner(): RigServices {
  const read = (name: string) => {
    const value = process.env[name];
    if (!value) throw new Error(`${name} is not set: system tests need real services (npm test starts them)`);
    return value;
  };
  return { postgresUrl: read("DATABASE_URL"), kafkaBrokers: read("KAFKA_BROKERS"), redisUrl: read("REDIS_URL") };
}

export async function openRig(services: RigServices): Promise<Rig> {
  const name = `rig_${process.pid}_${++counter}`;
  await dropTestDatabase(services.postgresUrl, name);
  const databaseUrl = await createTestDatabase(services.postgresUrl, name);
  const database = createDatabase(databaseUrl, { maxConnections: 4 });
  const { prisma } = database;
  for (const [name, kind, config] of [
    ["kafka", "kafka", { brokers: "" }],
    ["queue", "queue", { url: "" }],
    ["http", "http", { baseUrl: "" }],
  ] as const) {
    await prisma.connection.create({ data: { name, kind, config } });
  }
  const program = await bundleWorker();
  const workers: RigWorker[] = [];

  const notify = () => database.pool.query("SELECT pg_notify($1, '')", [controlChannel]);
  const deploymentOf = async (name: string) => {
    const flow = await prisma.flow.findFirstOrThrow({ where: { name }, include: { deployments: true } });
    return { flow, deployment: flow.deployments[0] };
  };
  const live = async (name: string) => {
    const { deployment } = await deploymentOf(name);
    if (!deployment) return [];
    // A killed worker leaves its last row behind.
    const updatedAt = { gt: new Date(Date.now() - heartbeatTimeoutMs) };
    const rows = await prisma.liveCount.findMany({ where: { deploymentId: deployment.id, updatedAt } });
    return rows.map((row) => row.live as unknown as DeploymentLive);
  };

  return {
    database,
    databaseUrl,
    live,
    async deploy(document, start = { from: "kind" }) {
      const draft = document as object;
      const flow = await prisma.flow.upsert({
        where: { project_name: { project: "default", name: document.name } },
        create: { name: document.name, title: document.title ?? document.name, draft },
        update: { draft },
      });
      const number = (await prisma.flowVersion.count({ where: { flowId: flow.id } })) + 1;
      const hash = createHash("sha256").update(JSON.stringify(document)).digest("hex");
      await prisma.flowVersion.create({ data: { flowId: flow.id, number, document: draft, hash } });
      const label = document.settings?.workers ?? null;
      const deployment = await prisma.deployment.upsert({
        where: { environment_flowId: { environment: "default", flowId: flow.id } },
        create: { flowId: flow.id, groupName: flow.name, version: number, desired: "running", start, label },
        update: { version: number, previous: number - 1, desired: "running", revision: { increment: 1 }, label },
      });
      await notify();
      return deployment.revision;
    },
    async rollBack(name, version) {
      const { deployment } = await deploymentOf(name);
      if (!deployment) throw new Error(`${name} is not deployed.`);
      await prisma.deployment.update({
        where: { id: deployment.id },
        data: { version, previous: deployment.version, revision: { increment: 1 } },
      });
      await notify();
    },
    async stop(name) {
      const { deployment } = await deploymentOf(name);
      if (!deployment) return;
      await prisma.deployment.update({
        where: { id: deployment.id },
        data: { desired: "stopped", revision: { increment: 1 } },
      });
      await notify();
      await waitUntil(
        `${name} to stop`,
        async () => (await live(name)).every((row) => row.state === "stopped"),
        30_000,
      );
    },
    async running(name, timeoutMs = 30_000) {
      const { deployment } = await deploymentOf(name);
      await waitUntil(
        `${name} to run`,
        async () => (await live(name)).some((row) => row.state === "running" && row.revision === deployment?.revision),
        timeoutMs,
        async () =>
          JSON.stringify(
            (await live(name)).map(({ state, revision, cause, nodes }) => ({ state, revision, cause, nodes })),
          ),
      );
    },
    async deadLetters(name) {
      const { flow } = await deploymentOf(name);
      return prisma.deadLetter.count({ where: { flowId: flow.id } });
    },
    workers() {
      const heartbeatAt = { gt: new Date(Date.now() - heartbeatTimeoutMs) };
      return prisma.worker.findMany({ where: { heartbeatAt } });
    },
    startWorker(env = {}, flags = testFlags) {
      const worker = superviseWorker(program, flags, {
        DATABASE_URL: databaseUrl,
        KAFKA_BROKERS: services.kafkaBrokers,
        REDIS_URL: services.redisUrl,
        MILLRACE_SECRET: rigSecret,
        ...env,
      });
      workers.push(worker);
      return worker;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.end()));
      await database.close();
    },
  };
}

/** Polls until the condition holds. @throws Error naming what was waited for, with the state at the end. */
export async function waitUntil(
  what: string,
  condition: () => Promise<boolean>,
  timeoutMs: number,
  describe?: () => Promise<string>,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (await condition().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error(`Waited ${timeoutMs} ms for ${what}. ${describe ? await describe().catch(String) : ""}`);
}

/** The worker as it ships: one bundled file, so that its memory is that of production. */
async function bundleWorker(): Promise<string> {
  const outfile = `${root}dist/test/worker-${process.pid}.mjs`;
  await mkdir(`${root}dist/test`, { recursive: true });
  await build({
    entryPoints: [`${root}runtime/main.ts`],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    sourcemap: true,
    logLevel: "error",
  });
  return outfile;
}

function superviseWorker(program: string, flags: readonly string[], env: Record<string, string>): RigWorker {
  let ending = false;
  let restarts = 0;
  let peak = 0;
  let log = "";
  let child: ChildProcess;
  const start = () => {
    child = spawn(process.execPath, [...flags, program], {
      cwd: root,
      env: { ...process.env, ...env },
    });
    const keep = (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-200_000);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.once("exit", () => {
      if (ending) return;
      restarts++;
      start();
    });
  };
  start();
  const meter = setInterval(() => {
    readFile(`/proc/${child.pid}/status`, "utf8")
      .then((status) => {
        const kib = /VmRSS:\s+(\d+)/.exec(status)?.[1];
        if (kib) peak = Math.max(peak, Number(kib) / 1024);
      })
      .catch(() => {});
  }, 200);
  return {
    pid: () => child.pid ?? 0,
    peakMemory: () => peak,
    log: () => log,
    restarts: () => restarts,
    kill: (signal) => void child.kill(signal),
    async end(signal = "SIGTERM") {
      ending = true;
      clearInterval(meter);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill(signal);
      const hard = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await gone;
      clearTimeout(hard);
    },
  };
}
