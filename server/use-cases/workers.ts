import "server-only";
import { heartbeatTimeoutMs } from "@/flow/control";
import type { Worker } from "@/prisma/generated/client";
import { database, readClock } from "../database";
import { readEnv } from "../env";
import type { WorkerView } from "../views";

export interface Notices {
  kafka: "ok" | "missing" | "unreachable";
  queueBackend: "redis" | "postgres";
  workers: number;
}

/** A worker's row as pages show it; `now` is the database's time. */
export function viewWorker(row: Worker, now: number): WorkerView {
  const { id, host, pid, label, version, startedAt, heartbeatAt } = row;
  const alive = now - heartbeatAt.getTime() <= heartbeatTimeoutMs;
  return {
    id,
    host,
    pid,
    label,
    version,
    startedAt,
    heartbeatAt,
    alive,
    health: (row.health ?? {}) as Record<string, unknown>,
  };
}

/** Workers here, the living and the lately gone. */
export async function listWorkers(environment: string): Promise<WorkerView[]> {
  const { prisma } = database();
  const [rows, now] = await Promise.all([
    prisma.worker.findMany({ where: { environment }, orderBy: { startedAt: "asc" } }),
    readClock(prisma),
  ]);
  return rows.map((row) => viewWorker(row, now));
}

/** What is missing for everything to run, from what the living workers say; without one, from the server's own environment. */
export function readNotices(workers: readonly WorkerView[]): Notices {
  const living = workers.filter((worker) => worker.alive);
  const env = readEnv();
  const said = living.map((worker) => worker.health.kafka).filter((kafka) => typeof kafka === "string");
  const backends = living.map((worker) => worker.health.queueBackend);
  const kafka = said.includes("ok")
    ? "ok"
    : said.includes("unreachable")
      ? "unreachable"
      : said.includes("missing") || env.KAFKA_BROKERS === ""
        ? "missing"
        : "ok";
  const fromEnv = env.REDIS_URL === "" ? "postgres" : "redis";
  const queueBackend = backends.find((backend) => backend === "redis" || backend === "postgres") ?? fromEnv;
  return { kafka, queueBackend: queueBackend as Notices["queueBackend"], workers: living.length };
}
