import { jsonCodec } from "../../flow/codecs/json";
import type { JobEnd, QueuePort } from "../../flow/connection-ports";
import { maxAnswerBytes } from "../../flow/http-answer";
import { Message } from "../../flow/message";
import type { SagaCall, SagaRequest } from "../../flow/saga/request";
import type { CommandResult } from "../../flow/saga/state";
import { encodeUtf8 } from "../../flow/utf8";
import {
  answered,
  applyFinal,
  type CommandTask,
  failWith,
  type Sent,
  showBytes,
  stopped,
  tooLarge,
} from "./command-way";
import { commandHeaders, insist, judgeVerdict } from "./topic-command";

export type QueueRequest = Extract<SagaRequest, { call: "queue" }>;

/** The result of a job is asked for at the latest when this worker, or the one after it, has been away for long. */
const keepResultMs = 24 * 3_600_000;

/**
 * A job whose result is the answer. It is sent once it is in the queue. All attempts are one job, with the command's key as its id: while it
 * is worked another attempt waits for it as well, and when it has failed it is worked again.
 */
export async function sendToQueue(port: QueuePort, request: QueueRequest, task: CommandTask): Promise<Sent> {
  const { queue, jobName, body } = request;
  const headers = Object.entries(commandHeaders(request.headers, task)).map(
    ([name, text]) => [name, encodeUtf8(text)] as const,
  );
  const { command } = task;
  const meta = { source: command.node, lane: "saga", position: command.key, timestamp: 0, attempt: command.attempt };
  const key = encodeUtf8(command.scope.key);
  const message = Message.fromBody({ key, headers, meta, codec: jsonCodec }, body);
  const job = { name: jobName, message, jobId: command.key, keepResultMs, again: command.attempt > 1 };
  const verdict = await insist(async () => (await port.add(queue, [job], task.signal))[0]!, task);
  if (verdict === null) return stopped;
  if (verdict.verdict === "done") return { is: "sent" };
  return answered({ ...judgeVerdict(verdict), request: showJob(request) });
}

/** What the end of its job says of a command; `null`: nothing yet. */
export function judgeEnd(
  end: JobEnd | { readonly is: "unfinished" },
  request: QueueRequest,
  call: SagaCall,
  node: string,
): CommandResult | null {
  if (end.is === "unfinished" || end.is === "gone") return null;
  if (end.is === "failed") {
    const cause = { code: "job-failed", message: `The job of \`${node}\` failed: ${end.reason.slice(0, 400)}` };
    const failed = applyFinal(failWith(cause, { final: false, effect: "maybe" }), call, node, nothingTold);
    return { ...failed, request: showJob(request) };
  }
  const bytes = jsonCodec.encode(end.result ?? null);
  if (bytes.length > maxAnswerBytes) return { ...tooLarge(node), request: showJob(request) };
  return { ok: true, answer: end.result ?? null, request: showJob(request), answerText: showBytes(bytes) };
}

const nothingTold = { status: null, answer: null };

function showJob({ queue, jobName, body }: QueueRequest): string {
  return `queue ${queue} ${jobName}\n${showBytes(jsonCodec.encode(body ?? null))}`;
}
