import "server-only";
import { collectDefaultMetrics, Registry } from "prom-client";
import { type MetricSample, metricsContentType, webMetrics, writeMetrics } from "@/flow/metrics";
import { fitsBearer } from "@/prisma/secrets";
import { database } from "./database";
import { readEnv } from "./env";
import { listWorkers } from "./use-cases/workers";

// On globalThis because a development server evaluates modules anew, and a process has its figures once.
const held = globalThis as typeof globalThis & { millraceProcessMetrics?: Registry };

/** Answers `/metrics`: what the database knows of all workers together, and the web process itself. */
export async function answerMetrics(request: Request): Promise<Response> {
  if (!fitsBearer(request.headers.get("authorization"), readEnv().MILLRACE_METRICS_TOKEN || undefined))
    return Response.json({ message: "The token does not fit MILLRACE_METRICS_TOKEN." }, { status: 401 });
  const samples = await readWebMetrics(readEnv().MILLRACE_ENVIRONMENT);
  const text = `${writeMetrics(samples)}\n${await processMetrics().metrics()}`;
  return new Response(text, { headers: { "content-type": metricsContentType } });
}

/** What the database knows of one environment. */
export async function readWebMetrics(environment: string): Promise<MetricSample[]> {
  const { prisma } = database();
  const [workers, deployments, letters] = await Promise.all([
    listWorkers(environment),
    prisma.deployment.findMany({ where: { environment }, include: { flow: { select: { name: true } } } }),
    prisma.deadLetter.groupBy({
      by: ["flow"],
      where: { environment, state: "waiting" },
      _count: true,
      _min: { createdAt: true },
    }),
  ]);
  const living = new Map<string, number>();
  for (const { alive, label } of workers) if (alive) living.set(label ?? "", (living.get(label ?? "") ?? 0) + 1);
  // Told as none rather than not at all: an alarm compares figures.
  if (living.size === 0) living.set("", 0);
  return [
    ...[...living].map(([label, value]) => ({ family: webMetrics.workers, labels: { label }, value })),
    ...deployments.map(({ flow, version, desired }) => ({
      family: webMetrics.desired,
      labels: { flow: flow.name, version: String(version) },
      value: desired === "running" ? 1 : 0,
    })),
    ...letters.map(({ flow, _count }) => ({ family: webMetrics.deadLetters, labels: { flow }, value: _count })),
    ...letters.flatMap(({ flow, _min: { createdAt } }) =>
      createdAt === null
        ? []
        : [{ family: webMetrics.oldestDeadLetter, labels: { flow }, value: createdAt.getTime() / 1_000 }],
    ),
  ];
}

function processMetrics(): Registry {
  if (!held.millraceProcessMetrics) {
    held.millraceProcessMetrics = new Registry();
    collectDefaultMetrics({ register: held.millraceProcessMetrics });
  }
  return held.millraceProcessMetrics;
}
