import type { BatchContext, CallBehaviour, NodeContext } from "../behaviour";
import { parsePath, setPath } from "../body-path";
import type { HttpPort } from "../connection-ports";
import { compileExpression, scopeOf } from "../expression";
import { maxAnswerBytes, readAnswer } from "../http-answer";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import { compileTemplate } from "../template";
import { traceHeader } from "../trace-context";
import { type Failure, rejected, type StepResult } from "../verdict";
import { contentTypeOf, encodeBody } from "./body-bytes";
import { findUnfit } from "./find-unfit";
import { answerVariables, type HttpRequestConfig } from "./http-request";
import { idempotencyKey } from "./idempotency-key";
import { judgeAnswer } from "./judge-answer";

interface Request {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

/** In the words of its causes. */
const endpoint = { who: "The endpoint", failed: "http-status", invalid: "http-answer-invalid" };

export const httpRequestBehaviour: CallBehaviour<HttpRequestConfig> = {
  role: "step",
  mode: "call",
  open(config, context) {
    const port: HttpPort = context.connection("http", config.connection);
    const prepare = compileRequest(config, context);
    const ok = config.ok ? compileExpression(config.ok, { variables: answerVariables }) : undefined;
    const into = config.into ? parsePath(config.into) : undefined;

    async function ask(message: Message, call: BatchContext): Promise<StepResult> {
      // Looked at first: a body that cannot take the answer is no reason to have asked.
      const unfit = into && findUnfit(message, into, context.node);
      if (unfit) return unfit;
      const request = prepare(message, call);
      if ("verdict" in request) return request;
      const askedAt = performance.now();
      const answer = await port.request(
        { method: config.method, ...request, timeoutMs: config.timeoutMs, maxAnswerBytes },
        call.signal,
      );
      if ("unreachable" in answer) return { verdict: "retry", of: "dependency", cause: answer.unreachable };
      const note = { status: answer.status, tookMs: Math.round(performance.now() - askedAt) };
      const failure = judgeAnswer(answer, ok, context.node, endpoint);
      if (failure) return { ...failure, note };
      if (!into) return { emit: [{ port: "out", message }], note };
      if (answer.truncated)
        return { ...rejected("http-answer-invalid", `The answer is larger than ${maxAnswerBytes} bytes.`), note };
      const body = setPath(message.body, into, readAnswer(answer));
      return { emit: [{ port: "out", message: message.withBody(body) }], note };
    }

    return { call: ask };
  },
};

/** Compiles what a request is made of. The result answers a failure for a message that it cannot be made from. */
function compileRequest(
  config: HttpRequestConfig,
  context: NodeContext,
): (message: Message, call: BatchContext) => Request | Failure {
  const url = compileTemplate(config.url);
  const body = config.body ? compileExpression(config.body) : undefined;
  const headers = Object.entries(config.headers).map(
    ([name, source]) => [name.toLowerCase(), compileTemplate(source)] as const,
  );
  const ownKey = config.idempotencyKey ? compileTemplate(config.idempotencyKey) : undefined;
  const sendsValue = config.method !== "GET" && config.method !== "DELETE";

  return (message, call) => {
    const scope = scopeOf(message);
    let field = "url";
    try {
      const address = url.render(scope);
      field = "headers";
      const rendered = headers.map(([name, value]) => [name, value.render(scope)] as const);
      if (rendered.some(([, value]) => /[\r\n\0]/.test(value)))
        return rejected("body-invalid", `A header of node \`${context.node}\` has a line break on this message.`);
      const all = Object.fromEntries(rendered);
      field = "body";
      const bytes = body ? encodeBody(body.evaluate(scope), all["content-type"]) : sendsValue ? message.value : null;
      if (bytes !== null) all["content-type"] ??= body ? "application/json" : contentTypeOf(message);
      const traceparent = call.traceOf?.(0) ?? message.header(traceHeader);
      if (traceparent !== undefined) all[traceHeader] = traceparent;
      field = "idempotencyKey";
      const key = ownKey?.render(scope);
      if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
        return rejected(
          "body-invalid",
          `\`idempotencyKey\` of node \`${context.node}\` gave a key that is empty or has other signs than visible ASCII.`,
        );
      all["idempotency-key"] ??= key ?? idempotencyKey(message, context, call, { url: address, body: bytes });
      return { url: address, headers: all, body: bytes };
    } catch (error) {
      return failureOf(error, context.node, field);
    }
  };
}
