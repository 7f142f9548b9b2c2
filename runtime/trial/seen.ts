import type { FlowDocument } from "../../flow/document";
import { buildGraph, findReachable } from "../../flow/graph";
import type { Message } from "../../flow/message";
import { messageIdHeader } from "../../flow/nodes/message-id";
import type { TestMessage } from "../../flow/test-case";
import { type MessageBytes, writeTestMessage } from "../../flow/test-message";
import type { Trial } from "../../flow/trial";
import { emissionsOf, isFailure } from "../../flow/verdict";
import type { Flight } from "../flight";
import { type Item, listItems, writePart } from "../items";
import type { Pipeline, RunningStage } from "../pipeline";
import type { Course } from "./course";

/** What came where in a trial, whole. */
export interface Seen {
  /** By endpoint, as a case's `expect` names them. */
  readonly arrived: ReadonlyMap<string, readonly MessageBytes[]>;
  /** Where a message failed for good. `isTaken`: a wire took it on by the port `error`. */
  readonly failures: readonly { readonly node: string; readonly code: string; readonly isTaken: boolean }[];
}

/** Reads from flights what came to sinks and left by ports. */
export function readSeen({ visits, away }: Course, flights: readonly Flight[]): Seen {
  const arrived = new Map<string, MessageBytes[]>();
  const failures: Seen["failures"][number][] = [];
  const add = (endpoint: string, bytes: MessageBytes | undefined) => {
    if (!bytes) return;
    const list = arrived.get(endpoint);
    if (list) list.push(bytes);
    else arrived.set(endpoint, [bytes]);
  };
  for (const [number, flight] of flights.entries()) {
    const { node, port } = flight.resent?.exit ?? { node: flight.source, port: "out" };
    add(`${node}.${port}`, readBytes(flight.entered[0]!));
    for (const stage of flight.pipeline.stages) {
      const work = flight.work[stage.index];
      if (!work) continue;
      for (const [index, item] of listItems(work.items).entries()) {
        const result = work.results[index];
        if (!result) continue;
        const { drawn } = stage;
        const visit = visits.of(number, stage.node, writePart(item)).at(-1);
        if (away.of(stage.node, item.message)) continue;
        if (isFailure(result)) {
          failures.push({ node: drawn.node, code: result.cause.code, isTaken: stage.errorWired });
          if (stage.errorWired) add(`${drawn.node}.error`, readTaken(flight, stage, item));
          continue;
        }
        const emit = emissionsOf(result, item.message);
        for (const each of emit ?? []) add(`${drawn.node}.${each.port}`, readBytes(each.message));
        if (!emit && drawn.input === "in") add(drawn.node, visit?.written ?? readBytes(item.message));
      }
    }
  }
  return { arrived, failures };
}

/** A failed message as it left by the port `error`: whoever took it has it. */
function readTaken(flight: Flight, stage: RunningStage, failed: Item): MessageBytes | undefined {
  for (const target of stage.targets.error ?? []) {
    const { items } = flight.work[target] ?? {};
    const taken = items && listItems(items).find(({ parent }) => parent === failed);
    if (taken) return readBytes(taken.message);
  }
  return undefined;
}

/** `undefined` when the body has no bytes in its codec: the next node says so. */
function readBytes(message: Message): MessageBytes | undefined {
  try {
    return { key: message.key, headers: message.headers, value: message.value };
  } catch {
    return undefined;
  }
}

/**
 * What a case that expects just this says: each sink that the source leads to, with what came or that nothing came, and what left by ports
 * that no wire leaves. Headers that the flow neither made nor changed are left out, as are those that name one delivery.
 */
export function readOutcome(document: FlowDocument, at: string, pipeline: Pipeline, seen: Seen): Trial["outcome"] {
  const graph = buildGraph(document);
  const reached = findReachable(graph, [at]);
  const origin = seen.arrived.get(`${at}.out`)?.[0];
  const expect: Record<string, TestMessage[]> = {};
  const write = (endpoint: string) => (seen.arrived.get(endpoint) ?? []).map((bytes) => writeExpected(bytes, origin));
  for (const stage of pipeline.stages) {
    const { node, input } = stage.drawn;
    if (!reached.has(node) || input !== "in") continue;
    if (stage.work.role === "sink" && !pipeline.holds(node)) expect[node] = write(node);
    // What ends where it is held.
    const isHeld = pipeline.holds(node) && !seen.arrived.has(`${node}.out`) && seen.arrived.has(node);
    if (isHeld) expect[node] = write(node);
  }
  const wired = new Set(graph.wires.map(({ from }) => `${from.node}.${from.port}`));
  for (const endpoint of seen.arrived.keys())
    if (endpoint.includes(".") && !wired.has(endpoint)) expect[endpoint] = write(endpoint);
  const fails = seen.failures.filter(({ isTaken }) => !isTaken).map(({ node, code }) => ({ node, code }));
  return { expect, ...(fails.length > 0 ? { fails } : {}) };
}

const ofOneDelivery = new Set(["traceparent", "tracestate", messageIdHeader, "message-id"]);

function writeExpected(bytes: MessageBytes, origin: MessageBytes | undefined): TestMessage {
  const came = new Set(origin?.headers.map(([name, value]) => `${name}\n${Buffer.from(value).toString("latin1")}`));
  const headers = bytes.headers.filter(
    ([name, value]) => !ofOneDelivery.has(name) && !came.has(`${name}\n${Buffer.from(value).toString("latin1")}`),
  );
  return { ...(bytes.key === null ? { key: null } : {}), ...writeTestMessage({ ...bytes, headers }) };
}
