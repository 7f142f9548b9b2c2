import { findKind } from "../catalog";
import { jsonCodec } from "../codecs/json";
import { configureNode, type FindKind } from "../configure";
import { readCorrelation } from "../correlation";
import type { FlowDocument } from "../document";
import { parseDuration } from "../duration";
import { compileExpression, ExpressionError } from "../expression";
import { keyBytes } from "../key-bytes";
import type { CallLimits } from "../kind";
import type { SagaEndConfig } from "../nodes/saga-end";
import type { SagaStartConfig } from "../nodes/saga-start";
import type { SagaStepConfig } from "../nodes/saga-step";
import type { SubSagaConfig } from "../nodes/sub-saga";
import { compileTemplate } from "../template";
import { encodeUtf8 } from "../utf8";
import { answerVariables, type CallConfig, failureVariables, readLimits } from "./call-config";
import { replyToHeader } from "./headers";
import { inField } from "./in-field";
import type { SagaScope } from "./program";
import type { SagaSide } from "./state";

/** What a step sends, made of its config and the saga's data; the command's key and the trace are added by whoever sends it. */
export type SagaRequest =
  | {
      readonly call: "http";
      readonly method: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array | null;
    }
  | {
      readonly call: "topic";
      readonly topic: string;
      readonly key: Uint8Array | null;
      readonly headers: Readonly<Record<string, string>>;
      readonly value: Uint8Array | null;
    }
  | {
      readonly call: "queue";
      readonly queue: string;
      readonly jobName: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: unknown;
    }
  /** A saga of another flow. */
  | { readonly call: "sub"; readonly flow: string; readonly key: string; readonly data: unknown };

/** One side of a step, compiled. Pure. */
export interface SagaCall {
  readonly call: SagaRequest["call"];
  /** Empty for a sub-saga. */
  readonly connection: string;
  /** How its calls are held in check, by each worker. */
  readonly limits?: CallLimits;
  /** The same scope gives the same request. @throws ExpressionError that names the field */
  render(scope: SagaScope): SagaRequest;
  /** Whether an answer by HTTP counts as success; absent: 200 to 299. @throws ExpressionError */
  ok?(told: {
    readonly status: number;
    readonly answer: unknown;
    readonly headers: Readonly<Record<string, string>>;
  }): boolean;
  /** Whether a failure is for good; absent: by its status and by what the answer says. @throws ExpressionError */
  final?(told: { readonly status: number | null; readonly answer: unknown; readonly code: string }): boolean;
}

type Open = Readonly<Record<string, unknown>>;
type Render<Value> = (scope: Open) => Value;

/**
 * Compiles a side of a step or sub-saga, once, to be used for all sagas; `null` when the node has no such side.
 * @throws ExpressionError for what cannot be compiled (all that `check` knows was already refused)
 */
export function compileCall(
  flow: FlowDocument,
  node: string,
  side: SagaSide,
  find: FindKind = findKind,
): SagaCall | null {
  const { kind, config } = configOf(flow, node, find);
  if (kind === "sub-saga") return compileSub(config as SubSagaConfig);
  const call = kind === "saga-step" ? (config as SagaStepConfig)[side] : undefined;
  return call ? compileStepCall(call, side) : null;
}

/**
 * The body of the message that leaves there: at an end what its `event` says, at a start where it was undone the saga's data.
 * The result throws ExpressionError.
 */
export function compileExit(
  flow: FlowDocument,
  node: string,
  find: FindKind = findKind,
): (scope: SagaScope) => unknown {
  const { kind, config } = configOf(flow, node, find);
  const source = kind === "saga-end" ? (config as SagaEndConfig).event : undefined;
  const event = source ? compileField("event", source) : undefined;
  return (scope) => (event ? (event(scope as unknown as Open) ?? null) : scope.body);
}

/** How long a saga that has ended is kept, in milliseconds. */
export function keepForOf(flow: FlowDocument, start: string, find: FindKind = findKind): number {
  return parseDuration((configOf(flow, start, find).config as SagaStartConfig).keepFor);
}

function configOf(flow: FlowDocument, id: string, find: FindKind): { kind: string; config: unknown } {
  const node = flow.nodes.find((each) => each.id === id);
  if (!node) throw new Error(`The flow has no node \`${id}\`.`);
  const { kind, config, problems } = configureNode(node, find);
  if (!kind || problems.length > 0) throw new Error(`Node \`${id}\`: ${problems[0]?.message}`);
  return { kind: kind.kind, config };
}

function compileStepCall(config: CallConfig, side: SagaSide): SagaCall {
  const { call, connection, ok, final } = config;
  const succeeded = call === "http" && ok ? compileExpression(ok, { variables: answerVariables }) : undefined;
  const failed = final ? compileExpression(final, { variables: failureVariables }) : undefined;
  const render =
    call === "http"
      ? compileHttp(config, side)
      : call === "topic"
        ? compileTopic(config, side)
        : compileQueue(config, side);
  return {
    call,
    connection,
    limits: readLimits(config),
    render: (scope) => render(scope as unknown as Open),
    ...(succeeded ? { ok: (told) => succeeded.test({ ...told }) } : {}),
    ...(failed ? { final: (told) => failed.test({ ...told }) } : {}),
  };
}

function compileHttp(config: CallConfig, side: SagaSide): Render<SagaRequest> {
  const { method } = config;
  const url = compileText(`${side}.url`, config.url!);
  const headers = compileHeaders(config, side);
  const body = compileBody(config, side);
  const sendsBody = config.body ? true : method !== "GET" && method !== "DELETE";
  return (scope) => {
    const own = headers(scope);
    if (!sendsBody) return { call: "http", method, url: url(scope), headers: own, body: null };
    const type = own["content-type"] ?? "application/json";
    const bytes = encodeBody(body(scope), type);
    return { call: "http", method, url: url(scope), headers: { ...own, "content-type": type }, body: bytes };
  };
}

function compileTopic(config: CallConfig, side: SagaSide): Render<SagaRequest> {
  const topic = compileText(`${side}.topic`, config.topic!);
  const key = config.key ? compileField(`${side}.key`, config.key) : (scope: Open) => scope.key;
  const headers = compileHeaders(config, side);
  const replyTo = config.replyTo ? compileText(`${side}.replyTo`, config.replyTo) : undefined;
  const body = compileBody(config, side);
  return (scope) => ({
    call: "topic",
    topic: topic(scope),
    key: keyBytes(key(scope)),
    headers: { ...headers(scope), ...(replyTo ? { [replyToHeader]: replyTo(scope) } : {}) },
    value: encodeValue(body(scope)),
  });
}

function compileQueue(config: CallConfig, side: SagaSide): Render<SagaRequest> {
  const queue = compileText(`${side}.queue`, config.queue!);
  const jobName = config.jobName ? compileText(`${side}.jobName`, config.jobName) : () => "message";
  const headers = compileHeaders(config, side);
  const body = compileBody(config, side);
  return (scope) => ({
    call: "queue",
    queue: queue(scope),
    jobName: jobName(scope),
    headers: headers(scope),
    body: body(scope),
  });
}

function compileSub(config: SubSagaConfig): SagaCall {
  const key = config.key ? compileField("key", config.key) : (scope: Open) => scope.key;
  const data = config.data ? compileField("data", config.data) : (scope: Open) => scope.body;
  return {
    call: "sub",
    connection: "",
    render(scope) {
      const open = scope as unknown as Open;
      const name = inField("key", () => readCorrelation(key(open)));
      return { call: "sub", flow: config.flow, key: name, data: data(open) ?? null };
    },
  };
}

function compileBody({ body }: CallConfig, side: SagaSide): Render<unknown> {
  if (!body) return (scope) => scope.body ?? null;
  const expression = compileField(`${side}.body`, body);
  return (scope) => expression(scope) ?? null;
}

/** By names in small letters, as they are compared. */
function compileHeaders({ headers }: CallConfig, side: SagaSide): Render<Record<string, string>> {
  const compiled = Object.entries(headers).map(
    ([name, source]) => [name.toLowerCase(), compileText(`${side}.headers.${name}`, source)] as const,
  );
  return (scope) =>
    Object.fromEntries(
      compiled.map(([name, render]) => {
        const value = render(scope);
        if (!/[\r\n\0]/.test(value)) return [name, value];
        throw new ExpressionError(
          "expression-failed",
          `\`${side}.headers.${name}\`: it has a line break on this data.`,
        );
      }),
    );
}

function compileField(field: string, source: string): Render<unknown> {
  const expression = compileExpression(source);
  return (scope) => inField(field, () => expression.evaluate(scope));
}

function compileText(field: string, source: string): Render<string> {
  const template = compileTemplate(source);
  return (scope) => inField(field, () => template.render(scope));
}

/** JSON, but a text under another content type as it is: forms, XML, plain text. */
function encodeBody(value: unknown, contentType: string): Uint8Array {
  return typeof value === "string" && !contentType.includes("json") ? encodeUtf8(value) : jsonCodec.encode(value);
}

/** `null` is a tombstone. */
function encodeValue(value: unknown): Uint8Array | null {
  return value === null ? null : jsonCodec.encode(value);
}
