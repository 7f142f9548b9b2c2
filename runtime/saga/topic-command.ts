import type { KafkaPort } from "../../flow/connection-ports";
import { correlationHeader } from "../../flow/saga/headers";
import type { SagaRequest } from "../../flow/saga/request";
import { continueTrace, formatTraceparent, parseTraceparent, traceHeader } from "../../flow/trace-context";
import { encodeUtf8 } from "../../flow/utf8";
import type { Verdict } from "../../flow/verdict";
import { sleep } from "../backoff";
import { answered, type CommandTask, failWith, type Sent, showBytes, stopped } from "./command-way";

export type TopicRequest = Extract<SagaRequest, { call: "topic" }>;

const againMs = 500;

/** A message on a topic. It is sent once it is written; its answer comes in at the step's `reply`, with the same correlation id. */
export async function sendToTopic(port: KafkaPort, request: TopicRequest, task: CommandTask): Promise<Sent> {
  const { topic, key, value } = request;
  const headers = Object.entries(commandHeaders(request.headers, task)).map(
    ([name, text]) => [name, encodeUtf8(text)] as const,
  );
  const verdict = await insist(
    async () => (await port.produce([{ topic, key, value, headers }], task.signal))[0]!,
    task,
  );
  if (verdict === null) return stopped;
  if (verdict.verdict === "done") return { is: "sent" };
  return answered({ ...judgeVerdict(verdict), request: `topic ${topic}\n${showBytes(value)}` });
}

/** What every message that carries a command has with it. */
export function commandHeaders(own: Readonly<Record<string, string>>, task: CommandTask): Record<string, string> {
  const { command, saga } = task;
  const headers: Record<string, string> = { ...own, [correlationHeader]: command.key, "idempotency-key": command.key };
  const trace = parseTraceparent(saga.headers[traceHeader] ?? "");
  if (trace) headers[traceHeader] = formatTraceparent(continueTrace(trace));
  return headers;
}

/** A broker that is away is asked again as long as an answer would be waited for: that spends no attempt. `null`: it was stopped. */
export async function insist(
  write: () => Promise<Verdict>,
  { signal, timeoutMs }: Pick<CommandTask, "signal" | "timeoutMs">,
): Promise<Verdict | null> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const verdict = await write();
    if (signal.aborted && verdict.verdict !== "done") return null;
    const isAway = verdict.verdict === "retry" && verdict.of === "dependency";
    if (!isAway || performance.now() + againMs > until) return verdict;
    await sleep(againMs, signal);
  }
}

/** A write that failed: refused it did nothing; one without an answer may be there all the same. */
export function judgeVerdict(verdict: Exclude<Verdict, { verdict: "done" }>) {
  if (verdict.verdict === "reject") return failWith(verdict.cause, { final: true, effect: "none" });
  const away = verdict.of === "dependency" ? ({ away: true } as const) : {};
  return failWith(verdict.cause, { final: false, effect: "maybe", ...away });
}
