import "server-only";
import type { z } from "zod";
import { type Answer, type Answers, heartbeatTimeoutMs, type QuestionName, questions } from "@/flow/control";
import { deriveControlToken } from "@/prisma/secrets";
import { database, readClock } from "./database";
import { readEnv } from "./env";
import { refusal } from "./refusal";

/** Longest that a worker may take for an answer: it gives up on a broker sooner. */
const answerTimeoutMs = 20_000;

export interface LivingWorker {
  id: string;
  address: string;
  label: string | null;
}

/** Workers whose heartbeat is fresh, the freshest first. */
export async function findLivingWorkers(environment: string): Promise<LivingWorker[]> {
  const { prisma } = database();
  const now = await readClock(prisma);
  return prisma.worker.findMany({
    where: { environment, heartbeatAt: { gt: new Date(now - heartbeatTimeoutMs) } },
    orderBy: { heartbeatAt: "desc" },
    select: { id: true, address: true, label: true },
  });
}

/** What tells who runs a deployment: its label, and the workers that report it. */
export interface DeploymentRunners {
  label: string | null;
  reporting: ReadonlySet<string>;
}

/** The workers that may run a deployment: those that report it first. One of another label may still be draining it. */
export function chooseRunners(
  workers: readonly LivingWorker[],
  { label, reporting }: DeploymentRunners,
): LivingWorker[] {
  const runs = (worker: LivingWorker) => Number(reporting.has(worker.id)) + Number(worker.label === label);
  return workers.filter((worker) => runs(worker) > 0).sort((a, b) => runs(b) - runs(a));
}

/** What every worker's control endpoint wants to see. */
export function authorizeControl(): string {
  return `Bearer ${deriveControlToken(readEnv().MILLRACE_SECRET)}`;
}

/**
 * Asks a living worker; when one cannot be reached, the next. A question that the worker answers with a cause comes back as that cause.
 * @throws TRPCError `worker-missing` when none lives or answers.
 */
export async function askWorker<Name extends QuestionName>(
  environment: string,
  name: Name,
  question: z.input<(typeof questions)[Name]>,
  timeoutMs = answerTimeoutMs,
): Promise<Answer<Name>> {
  return askOneOf(await findLivingWorkers(environment), name, question, timeoutMs);
}

/** As `askWorker`, of these workers, in this order. */
export async function askOneOf<Name extends QuestionName>(
  workers: readonly LivingWorker[],
  name: Name,
  question: z.input<(typeof questions)[Name]>,
  timeoutMs = answerTimeoutMs,
): Promise<Answer<Name>> {
  const body = JSON.stringify(questions[name].parse(question));
  for (const worker of workers) {
    const answer = await askOne<Name>(worker, name, body, timeoutMs);
    if (answer) return answer;
  }
  throw refusal(
    "PRECONDITION_FAILED",
    "worker-missing",
    "No worker is running, so no broker can be asked. Start one with `npm run worker`; `npm start` starts one too.",
  );
}

/** As `askWorker`, with a cause thrown as a refusal. */
export async function askWorkerOrRefuse<Name extends QuestionName>(
  environment: string,
  name: Name,
  question: z.input<(typeof questions)[Name]>,
): Promise<Answers[Name]> {
  return takeAnswer(await askWorker(environment, name, question));
}

/** @throws TRPCError of the cause when there is no answer. */
export function takeAnswer<Name extends QuestionName>(answer: Answer<Name>): Answers[Name] {
  if (!answer.ok) throw refusal("PRECONDITION_FAILED", answer.cause.code, answer.cause.message, answer.cause.detail);
  return answer.answer;
}

async function askOne<Name extends QuestionName>(
  worker: LivingWorker,
  name: Name,
  body: string,
  timeoutMs: number,
): Promise<Answer<Name> | null> {
  let response: Response;
  try {
    response = await fetch(`${worker.address}/ask/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: authorizeControl() },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") {
      return {
        ok: false,
        cause: { code: "worker-slow", message: `The worker did not answer within ${timeoutMs / 1000} s. Try again.` },
      };
    }
    return null;
  }
  if (response.status === 401) {
    return {
      ok: false,
      cause: {
        code: "worker-other-secret",
        message: "The worker was started with another MILLRACE_SECRET than the server. Start both with the same.",
      },
    };
  }
  if (!response.ok) {
    return {
      ok: false,
      cause: { code: "worker-failed", message: `The worker answered ${response.status}. Its log says more.` },
    };
  }
  return (await response.json()) as Answer<Name>;
}
