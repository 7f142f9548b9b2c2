import type { FlowDocument, FlowNode } from "@/flow/document";
import { compileExpression } from "@/flow/expression";
import { writeText } from "@/flow/expression/values";
import { compileSagas } from "@/flow/saga/compile";
import { makeEvaluation } from "@/flow/saga/evaluate";
import type { SagaScope } from "@/flow/saga/program";
import type { Region } from "@/flow/saga/region";
import { compileCall, type SagaRequest } from "@/flow/saga/request";
import { type Simulation, type SimulationOptions, simulateSaga } from "@/flow/saga/simulate";
import type { SagaSide } from "@/flow/saga/state";
import { wayOfSimulation } from "./simulation-way";
import type { ShownRequest, SimulatedFailure } from "./view";

/** The message that begins the saga, as an expression sees it. */
export interface StartMessage {
  key: string | null;
  body: unknown;
  headers: Readonly<Record<string, string>>;
}

export interface FailureOptions {
  node: string;
  effect: "none" | "maybe";
  message: StartMessage;
  answers: Readonly<Record<string, unknown>>;
  choices: NonNullable<SimulationOptions["choices"]>;
  now: number;
}

/**
 * What happens when a step of a saga fails for good: the way there, what is undone, in which order and with which requests, and what stays.
 * Pure; a chunk of its own, with the language and the saga's machine.
 * @throws Error in a person's words when the saga cannot begin
 */
export function simulateFailureOf(document: FlowDocument, region: Region, options: FailureOptions): SimulatedFailure {
  const saga = onlySaga(document, region);
  const start = nodeOf(saga, region.start);
  const program = compileSagas(saga)[0]!;
  const evaluation = makeEvaluation(saga, region.start);
  const { node, effect, message, answers, choices, now } = options;
  const simulation = simulateSaga(program, evaluation, {
    ...beginWith(start, message, now),
    answers,
    choices,
    failure: { node, effect },
    now,
  });
  const render = (id: string, side: SagaSide, scope: SagaScope) => renderRequest(saga, id, side, scope);
  return {
    outcome: simulation.outcome,
    hasFailed: simulation.hasFailed,
    forward: simulation.forward.map(({ node: id, state, effect: took, port, cause, scope }) => ({
      node: id,
      state,
      effect: took,
      ...(port === undefined ? {} : { port }),
      ...(cause ? { cause } : {}),
      request: scope ? render(id, "action", scope) : null,
    })),
    backward: simulation.backward.map(({ node: id, wave, scope }) => ({
      node: id,
      number: wave,
      request: render(id, "compensation", scope),
    })),
    ...sortLeftDone(saga, simulation),
    stuck: simulation.stuck.map(({ node: id, cause }) => ({ node: id, message: cause.message })),
    way: wayOfSimulation(document, region, simulation, node),
  };
}

/** The part of the drawing that is this saga: what is wrong elsewhere does not matter to it. */
function onlySaga(document: FlowDocument, region: Region): FlowDocument {
  const ids = new Set([region.start, ...region.nodes]);
  return {
    ...document,
    nodes: document.nodes.filter(({ id }) => ids.has(id)),
    edges: region.wires.map(({ edge }) => edge),
  };
}

function nodeOf(document: FlowDocument, id: string): FlowNode {
  return document.nodes.find((node) => node.id === id)!;
}

/** Key and data of the saga, as its start makes them of the message. */
function beginWith(
  start: FlowNode,
  message: StartMessage,
  now: number,
): { key: string; body: unknown; headers: StartMessage["headers"] } {
  const scope = { ...message, meta: { source: "", lane: "", position: "0", timestamp: now, attempt: 1 } };
  const read = (source: unknown, otherwise: unknown) =>
    typeof source === "string" && source !== "" ? compileExpression(source).evaluate(scope) : otherwise;
  const key = read(start.config.key, message.key);
  const text = key === null || key === undefined ? "" : writeText(key);
  if (text === undefined || text.trim() === "") {
    throw new Error("This message gives the saga no business key, so none would begin. Give it one below.");
  }
  return { key: text, body: read(start.config.data, message.body) ?? null, headers: message.headers };
}

/** What may stay as it is: what nothing undoes, apart from what needs no undoing; past a point of no return all that was done. */
function sortLeftDone(saga: FlowDocument, { outcome, leftUndone, forward }: Simulation) {
  const isHarmless = (id: string) => nodeOf(saga, id).config.harmless === true;
  const left =
    outcome === "asking"
      ? forward.filter(({ effect, scope }) => scope && effect !== "none").map(({ node }) => node)
      : leftUndone;
  return { stays: left.filter((id) => !isHarmless(id)), harmless: left.filter(isHarmless) };
}

function renderRequest(saga: FlowDocument, id: string, side: SagaSide, scope: SagaScope): ShownRequest {
  try {
    return showRequest(compileCall(saga, id, side)!.render(scope));
  } catch (error) {
    return { line: null, headers: [], body: null, error: error instanceof Error ? error.message : String(error) };
  }
}

const decoder = new TextDecoder();
const textOf = (bytes: Uint8Array | null) => (bytes === null ? null : decoder.decode(bytes));

function showRequest(request: SagaRequest): ShownRequest {
  switch (request.call) {
    case "http":
      return {
        line: `${request.method} ${request.url}`,
        headers: Object.entries(request.headers),
        body: textOf(request.body),
      };
    case "topic":
      return {
        line: `to ${request.topic}, key ${textOf(request.key) ?? "none"}`,
        headers: Object.entries(request.headers),
        body: textOf(request.value),
      };
    case "queue":
      return {
        line: `${request.jobName} in ${request.queue}`,
        headers: Object.entries(request.headers),
        body: writeJson(request.body),
      };
    case "sub":
      return { line: `begins ${request.flow}, key ${request.key}`, headers: [], body: writeJson(request.data) };
  }
}

function writeJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}` : part)) ?? "null";
}
