import { UnrecoverableError } from "bullmq";
import { jsonCodec } from "../../../flow/codecs/json";
import type { JobEnd } from "../../../flow/connection-ports";
import { resultKeptMs } from "../../../flow/nodes/request";
import { type Answer, type BrokerRequest, makeAnswer, type RequestEnd } from "../../../flow/request-reply";
import { encodeUtf8 } from "../../../flow/utf8";
import type { QueueBackend } from "./backend";
import type { JobResults } from "./job-results";
import { addJobs } from "./sink";

/** How the failure of a job begins that was answered with a status, `422: …`. */
const failedWithStatus = /^([45]\d\d)(?:: ([\s\S]*))?$/;
const maxReasonCharacters = 4_000;
const fromUtf8 = new TextDecoder();

/** Asks by a job, whose result is the answer. All tries of a request are one job, with its correlation id. Never rejects. */
export async function requestByJob(
  { backend, kind, results }: { readonly backend: QueueBackend; readonly kind: string; readonly results: JobResults },
  request: BrokerRequest,
  signal: AbortSignal,
): Promise<RequestEnd> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs)]);
  const { to, id, message, name = "message", again = false } = request;
  const job = { name, message, jobId: id, keepResultMs: resultKeptMs, again };
  const [added] = await addJobs(backend, kind, to, [job], over);
  if (added && added.verdict !== "done") return added;
  const end = await results.await(to, id, over);
  return end === null || end.is === "gone" ? { is: "silent" } : { is: "answered", ...readEnd(end) };
}

function readEnd(end: Exclude<JobEnd, { is: "gone" }>): Pick<Extract<RequestEnd, { is: "answered" }>, "answer"> {
  if (end.is === "completed") return { answer: makeAnswer(200, {}, jsonCodec.encode(end.result ?? null)) };
  const [, status, text] = failedWithStatus.exec(end.reason) ?? [];
  return { answer: makeAnswer(Number(status ?? 500), {}, encodeUtf8(text ?? end.reason)) };
}

/**
 * What a job gives back: the body of its answer. @throws UnrecoverableError for an answer that says that it failed, so that the job does, and is
 * not worked again by itself
 */
export function toResult({ status, headers, body }: Answer): unknown {
  const text = body === null ? "null" : fromUtf8.decode(body);
  if (status >= 400) throw new UnrecoverableError(`${status}: ${text.slice(0, maxReasonCharacters)}`);
  if (body !== null && !headers["content-type"]?.includes("json")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
