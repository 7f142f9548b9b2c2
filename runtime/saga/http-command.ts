import type { HttpAnswer, HttpPort, HttpUnreachable } from "../../flow/connection-ports";
import { maxAnswerBytes, readAnswer, readDetail, readRetryAfter } from "../../flow/http-answer";
import type { SagaCall, SagaRequest } from "../../flow/saga/request";
import type { CommandResult } from "../../flow/saga/state";
import { continueTrace, formatTraceparent, parseTraceparent, traceHeader } from "../../flow/trace-context";
import {
  answered,
  applyFinal,
  type CommandTask,
  causeOfRule,
  type Failed,
  failWith,
  type Sent,
  showBytes,
  stopped,
} from "./command-way";

export type HttpRequest = Extract<SagaRequest, { call: "http" }>;

/** A request that carries the command's key, so that a service knows it when it comes again. Its answer is the command's outcome. */
export async function sendHttp(port: HttpPort, request: HttpRequest, task: CommandTask): Promise<Sent> {
  const { command, saga, timeoutMs, signal } = task;
  const headers: Record<string, string> = { ...request.headers, "idempotency-key": command.key };
  const trace = parseTraceparent(saga.headers[traceHeader] ?? "");
  if (trace) headers[traceHeader] = formatTraceparent(continueTrace(trace));
  const { method, url, body } = request;
  const answer = await port.request({ method, url, headers, body, timeoutMs, maxAnswerBytes }, signal);
  if ("unreachable" in answer && signal.aborted) return stopped;
  const result = judgeAnswer(answer, task.call, command.node);
  const texts = "unreachable" in answer ? {} : { answerText: `${answer.status} ${showBytes(answer.body)}`.trimEnd() };
  return answered({ ...result, request: showRequest(request), ...texts });
}

/** What an answer, or that there was none, says of the command. */
export function judgeAnswer(answer: HttpAnswer | HttpUnreachable, call: SagaCall, node: string): CommandResult {
  if ("unreachable" in answer) {
    const how = answer.sent === false ? ({ effect: "none", away: true } as const) : ({ effect: "maybe" } as const);
    const failed = failWith(answer.unreachable, { final: false, ...how });
    return applyFinal(failed, call, node, { status: null, answer: null });
  }
  const said = readAnswer(answer);
  const told = { status: answer.status, answer: said, headers: answer.headers };
  const isIn200s = answer.status >= 200 && answer.status < 300;
  let isOk = isIn200s;
  if (call.ok) {
    try {
      isOk = call.ok(told);
    } catch (error) {
      return failWith(causeOfRule(error, "ok", node), { final: true, effect: "maybe" });
    }
  }
  if (!isOk) return applyFinal(judgeStatus(answer, node), call, node, told);
  if (!answer.truncated) return { ok: true, answer: said };
  const message = `The answer to \`${node}\` is larger than ${maxAnswerBytes} bytes, and was not read further. Have the service answer less.`;
  // It would be as large the next time.
  return failWith({ code: "http-answer-invalid", message }, { final: true, effect: "maybe" });
}

/** A failure by its status alone. */
function judgeStatus(answer: HttpAnswer, node: string): Failed {
  const { status, headers } = answer;
  const detail = readDetail(answer);
  const more = detail === undefined ? {} : { detail };
  if (status >= 200 && status < 300) {
    const message = `The service answered ${status}, and \`ok\` of node \`${node}\` says that this is no success.`;
    return failWith({ code: "http-answer-invalid", message, ...more }, { final: true, effect: "maybe" });
  }
  const cause = { code: "http-status", message: `The service answered ${status}.`, ...more };
  if (status === 429 || status === 503) {
    const retryAfterMs = readRetryAfter(headers["retry-after"]);
    const failed = failWith(cause, { final: false, effect: "none", away: true });
    return retryAfterMs === undefined ? failed : { ...failed, retryAfterMs };
  }
  if (status === 425) return failWith(cause, { final: false, effect: "none" });
  if (status === 408 || status >= 500) return failWith(cause, { final: false, effect: "maybe" });
  // 409 may say that the same key is being worked right now; a redirect says nothing of what was done.
  const refused = status >= 400 && status !== 409;
  return failWith(cause, { final: true, effect: refused ? "none" : "maybe" });
}

/** For a person: without query, which may hold a secret, and without headers. */
function showRequest({ method, url, body }: HttpRequest): string {
  const address = `${method} ${url.replace(/[?#].*$/, "").replace(/\/\/[^/@]*@/, "//")}`;
  return body === null ? address : `${address}\n${showBytes(body)}`;
}
