import type { BatchContext, CallBehaviour, NodeContext } from "../behaviour";
import { parsePath, setPath } from "../body-path";
import { codecOf } from "../codecs";
import { jsonCodec } from "../codecs/json";
import { compileExpression, scopeOf } from "../expression";
import { maxAnswerBytes, readAnswer } from "../http-answer";
import { type Message, setHeader } from "../message";
import { failureOf } from "../message-failure";
import type { BrokerRequest, RequestPort } from "../request-reply";
import { compileTemplate } from "../template";
import { traceHeader } from "../trace-context";
import { type Failure, rejected, retryMessage, type StepResult } from "../verdict";
import { contentTypeOf } from "./body-bytes";
import { findUnfit } from "./find-unfit";
import { compileHeaders } from "./header-templates";
import { answerVariables } from "./http-request";
import { idempotencyKey } from "./idempotency-key";
import { judgeAnswer } from "./judge-answer";
import { placeFields, type RequestConfig } from "./request";
import { compileKey } from "./sent-parts";

const idempotencyHeader = "idempotency-key";
/** In the words of its causes. */
const service = { who: "The service", failed: "reply-failed", invalid: "answer-invalid" };

export const requestBehaviour: CallBehaviour<RequestConfig> = {
  role: "step",
  mode: "call",
  open(config, context) {
    const port = openPort(config, context);
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
      const end = await port.request(request, call.signal);
      if ("verdict" in end) return end;
      const tookMs = Math.round(performance.now() - askedAt);
      if (end.is === "silent") {
        context.count("unanswered");
        const words = `No answer to the request came within ${config.timeoutMs} ms. It may be worked all the same.`;
        return { ...retryMessage("request-unanswered", words), note: { correlationId: request.id, tookMs } };
      }
      const { answer } = end;
      const note = { correlationId: request.id, status: answer.status, tookMs, ...end.note };
      const failure = judgeAnswer(answer, ok, context.node, service);
      if (failure) return { ...failure, note };
      if (answer.truncated)
        return { ...rejected("answer-invalid", `The answer is larger than ${maxAnswerBytes} bytes.`), note };
      const body = readAnswer(answer);
      const next = into ? message.withBody(setPath(message.body, into, body)) : becomeAnswer(message, body);
      return { emit: [{ port: "out", message: next }], note };
    }

    return { call: ask };
  },
};

function openPort({ call, connection }: RequestConfig, context: NodeContext): RequestPort {
  return context.connection(call, connection);
}

/** An answer that is no JSON is text. */
function becomeAnswer(message: Message, body: unknown): Message {
  const codec = typeof body === "string" && message.codec.name !== "json" ? codecOf("text") : jsonCodec;
  return message.with({ codec }).withBody(body);
}

/** Compiles what a request is made of. The result answers a failure for a message that it cannot be made from. */
function compileRequest(
  config: RequestConfig,
  context: NodeContext,
): (message: Message, call: BatchContext) => BrokerRequest | Failure {
  const [field] = placeFields[config.call];
  const place = compileTemplate(config[field] ?? "");
  const key = compileKey(config.key);
  const body = config.body ? compileExpression(config.body) : undefined;
  const jobName = compileTemplate(config.jobName || "message");
  const addHeaders = compileHeaders(config.headers);
  const { replyTopic, headerNames, timeoutMs } = config;

  return (message, call) => {
    const scope = scopeOf(message);
    let at: string = field;
    try {
      const to = place.render(scope);
      at = "jobName";
      const name = jobName.render(scope);
      at = "key";
      const newKey = key(message, scope);
      at = "body";
      const sent = body ? message.with({ codec: jsonCodec }).withBody(body.evaluate(scope) ?? null) : message;
      // Made here, so that a body that has no form is told of here.
      const { value } = sent;
      at = "headers";
      const id = idempotencyKey(message, context, call, { url: to, body: value });
      let headers = addHeaders(message.headers, scope);
      headers = setHeader(headers, "content-type", contentTypeOf(sent));
      headers = setHeader(headers, idempotencyHeader, id);
      const trace = call.traceOf?.(0);
      if (trace !== undefined) headers = setHeader(headers, traceHeader, trace);
      return {
        to,
        message: sent.with({ key: newKey, headers }),
        id,
        timeoutMs,
        replyTo: replyTopic,
        headerNames,
        name,
        again: call.attempt > 1,
        stray: (how) => context.count(how === "late" ? "answersLate" : "answersRepeated"),
      };
    } catch (error) {
      return failureOf(error, context.node, at);
    }
  };
}
