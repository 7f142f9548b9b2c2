import { type Attributes, type HrTime, SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { RunStep } from "../../flow/control";
import { continueTrace } from "../../flow/trace-context";
import type { RunRecord } from "../run-record";
import type { NodeFacts, VersionFacts } from "./node-facts";

/** Who tells: the same for all spans of a worker. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly version: string;
}

/**
 * The spans of a run: one for the whole, below it one for each try at a node. Names and attributes by OpenTelemetry's conventions for
 * messaging (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/); what is Millrace's own begins with `millrace.`.
 * They carry no payloads.
 */
export function drawSpans(run: RunRecord, facts: VersionFacts, origin: SpanOrigin): ReadableSpan[] {
  const source = facts.nodes.get(run.source);
  const trace = { traceId: run.traceId, spanId: run.spanId, sampled: true };
  const make = (span: SpanDraft) => makeSpan(span, run, origin);
  const whole = make({
    name: nameOf("process", source, run.flow),
    kind: source?.method ? SpanKind.SERVER : SpanKind.CONSUMER,
    spanId: run.spanId,
    parent: run.parentSpan,
    startMs: run.startedAt,
    durationMs: run.durationMs,
    attributes: { ...ofRun(run), ...ofSource(run, source, facts.masked), ...ofMessaging("process", source) },
    error: run.errorCode !== null && run.state !== "done" ? { code: run.errorCode, words: run.error } : null,
    masked: facts.masked,
  });
  // What came in is told by the whole.
  const steps = run.detail.steps.filter(({ node, in: input }) => input !== null || node !== run.source);
  return [
    whole,
    ...steps.map((step) => {
      const node = facts.nodes.get(step.node);
      const sends = node?.role === "sink" && node.system !== undefined;
      return make({
        name: sends ? nameOf("send", node, step.node) : node?.method && !node.system ? node.method : step.node,
        kind: sends ? SpanKind.PRODUCER : node?.method ? SpanKind.CLIENT : SpanKind.INTERNAL,
        spanId: continueTrace(trace).spanId,
        parent: run.spanId,
        startMs: run.startedAt + step.startMs,
        durationMs: step.durationMs,
        attributes: { ...ofStep(step, node), ...(sends ? ofMessaging("send", node) : {}) },
        error: step.cause ? { code: step.cause.code, words: step.cause.message } : null,
        masked: facts.masked,
      });
    }),
  ];
}

interface SpanDraft {
  readonly name: string;
  readonly kind: SpanKind;
  readonly spanId: string;
  readonly parent: string | null;
  readonly startMs: number;
  readonly durationMs: number;
  readonly attributes: Attributes;
  readonly error: { readonly code: string; readonly words: string | null } | null;
  readonly masked: boolean;
}

function makeSpan(draft: SpanDraft, { traceId }: RunRecord, { resource, version }: SpanOrigin): ReadableSpan {
  const { name, kind, spanId, parent, startMs, durationMs, attributes, error, masked } = draft;
  const context = (id: string) => ({ traceId, spanId: id, traceFlags: TraceFlags.SAMPLED });
  const end = toHrTime(startMs + durationMs);
  const words = masked ? undefined : (error?.words ?? undefined);
  const exception = error && { "exception.type": error.code, ...(words ? { "exception.message": words } : {}) };
  return {
    name,
    kind,
    spanContext: () => context(spanId),
    ...(parent === null ? {} : { parentSpanContext: { ...context(parent), isRemote: true } }),
    startTime: toHrTime(startMs),
    endTime: end,
    duration: toHrTime(durationMs),
    status: error ? { code: SpanStatusCode.ERROR, message: words ?? error.code } : { code: SpanStatusCode.UNSET },
    attributes: error ? { ...attributes, "error.type": error.code } : attributes,
    links: [],
    events: exception ? [{ name: "exception", time: end, attributes: exception }] : [],
    ended: true,
    resource,
    instrumentationScope: { name: "millrace", version },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function nameOf(operation: string, node: NodeFacts | undefined, otherwise: string): string {
  if (node?.method && !node.system) return node.method;
  return `${operation} ${node?.destination ?? otherwise}`;
}

function ofRun({ id, flow, version, state, attempts }: RunRecord): Attributes {
  return {
    "millrace.flow": flow,
    "millrace.flow.version": version,
    "millrace.run.id": id,
    "millrace.run.state": state,
    "millrace.run.attempts": attempts,
  };
}

function ofSource({ lane, position, key }: RunRecord, node: NodeFacts | undefined, masked: boolean): Attributes {
  if (node?.method) return { "http.request.method": node.method };
  if (node?.system === "kafka") {
    return {
      "messaging.destination.partition.id": lane.slice(lane.lastIndexOf("/") + 1),
      "messaging.kafka.offset": Number(position),
      ...(key !== null && !masked ? { "messaging.kafka.message.key": key } : {}),
    };
  }
  return node?.system ? { "messaging.message.id": position } : {};
}

function ofMessaging(operation: "process" | "send", node: NodeFacts | undefined): Attributes {
  if (!node?.system) return {};
  return {
    "messaging.system": node.system,
    "messaging.operation.name": operation,
    "messaging.operation.type": operation,
    ...(node.destination ? { "messaging.destination.name": node.destination } : {}),
  };
}

function ofStep({ node, attempt, state, note }: RunStep, facts: NodeFacts | undefined): Attributes {
  return {
    "millrace.node": node,
    ...(facts ? { "millrace.node.kind": facts.kind, "millrace.node.title": facts.title } : {}),
    "millrace.step.state": state,
    "millrace.step.attempt": attempt,
    ...(facts?.method ? { "http.request.method": facts.method } : {}),
    ...(typeof note?.status === "number" ? { "http.response.status_code": note.status } : {}),
  };
}

function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000_000)];
}
