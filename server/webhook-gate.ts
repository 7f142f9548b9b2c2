import "server-only";
import { database } from "./database";
import { readEnv } from "./env";
import { trimSlashes } from "./flow-places";
import { readLimited } from "./read-limited";
import { findServedWebhooks, type ServedWebhook } from "./use-cases/webhooks";
import { authorizeControl, chooseRunners, findLivingWorkers, type LivingWorker } from "./worker-client";

/** Largest body that a webhook takes. */
export const webhookLimitBytes = 1_048_576;
/** Bodies of requests that wait for their answer, together: past this a caller is asked to come back, before its body is read. */
const maxHeldBytes = 64 * webhookLimitBytes;
let heldBytes = 0;
/** How old the list of served paths may be: it is read once for many requests. */
const maxAgeMs = 1_000;
/** A path that is not in the list may have been deployed just now: then the list is read again, but not with each wrong request. */
const missAgeMs = 200;
/** Longer than any webhook's own limit, after which the worker answers 503 itself. */
const answerTimeoutMs = 310_000;

/** Between the caller and us, not for the flow; credentials are never put into messages. */
const notPassed = new Set([
  "authorization",
  "connection",
  "content-length",
  "cookie",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const notPassedBack = new Set([...notPassed, "content-encoding", "date", "set-cookie"]);
/** Statuses whose answers have no body. */
const bodiless = new Set([204, 205, 304]);

interface Served {
  at: number;
  webhooks: ServedWebhook[];
  workers: LivingWorker[];
  /** Workers that reported a deployment, by its id. */
  running: Map<string, Set<string>>;
}
let cached: Served | undefined;
/** One reading for all requests that wait for it. */
let reading: Promise<Served> | undefined;
let turn = 0;

/** Passes a request under `/in/` to a worker that runs the flow behind it, and its answer back. */
export async function passWebhook(request: Request): Promise<Response> {
  const { method } = request;
  const url = new URL(request.url);
  const path = trimSlashes(url.pathname.replace(/^\/in\//, ""));
  if (!(await findWebhook(method, path))) return answerNotServed(method, path);
  // One that does not say how long it is may be as long as is taken.
  let held = Math.min(Number(request.headers.get("content-length") ?? webhookLimitBytes) || 0, webhookLimitBytes);
  if (heldBytes + held > maxHeldBytes) {
    return answer(
      503,
      "busy",
      "Too many requests wait for their answer, so nothing was taken. Send it again in a while.",
    );
  }
  heldBytes += held;
  try {
    const body = await readLimited(request, webhookLimitBytes);
    if (body === "too-large") {
      const limit = `${webhookLimitBytes / 1024} KiB`;
      return answer(413, "body-too-large", `The body is larger than ${limit}. Send it in parts, or a reference to it.`);
    }
    heldBytes += body.length - held;
    held = body.length;
    return await passBody(request, url, path, body);
  } finally {
    heldBytes -= held;
  }
}

async function passBody(request: Request, url: URL, path: string, body: Uint8Array<ArrayBuffer>): Promise<Response> {
  const { method } = request;
  const headers = new Headers([...request.headers].filter(([name]) => !notPassed.has(name)));
  headers.set("authorization", authorizeControl());
  const tried = new Set<string>();
  let starting = false;
  // A second time with a list read anew: a worker that was started again has another address.
  for (const served of [cached ?? (await refresh()), undefined]) {
    const current = served ?? (await refresh());
    const webhook = find(current, method, path);
    if (!webhook) return answerNotServed(method, path);
    for (const address of orderWorkers(current, webhook)) {
      if (tried.has(address)) continue;
      tried.add(address);
      const passed = await passTo(`${address}/in/${path}${url.search}`, method, headers, body);
      if (passed === "not-reached") continue;
      if (passed.status !== 404) return passed;
      starting = true;
    }
  }
  return starting
    ? answer(503, "flow-starting", "The flow is starting, so nothing was taken. Send it again in a moment.")
    : answer(503, "worker-missing", "No worker could be reached, so nothing was taken. Send it again later.");
}

async function passTo(
  url: string,
  method: string,
  headers: Headers,
  body: Uint8Array<ArrayBuffer>,
): Promise<Response | "not-reached"> {
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(method === "GET" ? {} : { body }),
      redirect: "manual",
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    return new Response(bodiless.has(response.status) ? null : await response.arrayBuffer(), {
      status: response.status,
      headers: readAnswerHeaders(response.headers),
    });
  } catch (error) {
    if (isRefused(error)) return "not-reached";
    return answer(
      503,
      "worker-lost",
      "The worker went away while it had the message, which may or may not be safe. Send it again.",
    );
  }
}

/**
 * What the flow answers with. Its pages are of no origin: whoever may deploy a flow, or whose words it repeats, cannot act in this app for
 * the person that opens one.
 */
function readAnswerHeaders(answered: Headers): Headers {
  const headers = new Headers([...answered].filter(([name]) => !notPassedBack.has(name)));
  headers.set("content-security-policy", "sandbox");
  headers.set("x-content-type-options", "nosniff");
  return headers;
}

/** Was the connection refused, so that nothing can have arrived? */
function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "ECONNREFUSED" || code === "EHOSTUNREACH" || code === "UND_ERR_CONNECT_TIMEOUT";
}

async function findWebhook(method: string, path: string): Promise<ServedWebhook | undefined> {
  const served = !cached || Date.now() - cached.at > maxAgeMs ? await refresh() : cached;
  const found = find(served, method, path);
  if (found || Date.now() - served.at < missAgeMs) return found;
  return find(await refresh(), method, path);
}

function refresh(): Promise<Served> {
  reading ??= readServed()
    .then((served) => {
      cached = served;
      return served;
    })
    .finally(() => {
      reading = undefined;
    });
  return reading;
}

function find(served: Served, method: string, path: string): ServedWebhook | undefined {
  return served.webhooks.find((each) => each.path === path && each.method === method);
}

async function readServed(): Promise<Served> {
  const { prisma } = database();
  const environment = readEnv().MILLRACE_ENVIRONMENT;
  const webhooks = await findServedWebhooks(prisma, environment);
  const [workers, counts] = await Promise.all([
    findLivingWorkers(environment),
    prisma.liveCount.findMany({
      where: { deploymentId: { in: webhooks.map((webhook) => webhook.deploymentId) } },
      select: { workerId: true, deploymentId: true },
    }),
  ]);
  const running = new Map<string, Set<string>>();
  for (const { workerId, deploymentId } of counts) {
    running.set(deploymentId, (running.get(deploymentId) ?? new Set()).add(workerId));
  }
  return { at: Date.now(), webhooks, workers, running };
}

/** Control endpoints of the living workers that may run the deployment: those that do first, each in turn. */
function orderWorkers({ workers, running }: Served, { deploymentId, label }: ServedWebhook): string[] {
  turn = (turn + 1) % Math.max(1, workers.length);
  const reporting = running.get(deploymentId) ?? new Set();
  const inTurn = [...workers.slice(turn), ...workers.slice(0, turn)];
  return chooseRunners(inTurn, { label, reporting }).map((worker) => worker.address);
}

function answerNotServed(method: string, path: string): Response {
  return answer(
    404,
    "webhook-not-served",
    `No running flow serves ${method} /in/${path}. Deploy the flow, or check method and path.`,
  );
}

function answer(status: number, code: string, message: string): Response {
  const headers = status === 503 ? { "retry-after": "1" } : undefined;
  return Response.json({ code, message }, { status, ...(headers ? { headers } : {}) });
}
