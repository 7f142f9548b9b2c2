import type { Behaviour, NodeContext } from "../../flow/behaviour";
import { findKind } from "../../flow/catalog";
import { checkFlow } from "../../flow/check";
import type { ConnectionPorts } from "../../flow/connection-ports";
import type { FlowDocument } from "../../flow/document";
import { type Plan, planOf, type Stage } from "../../flow/plan";
import { readReplyAddress } from "../../flow/request-reply";
import type { TrialCalls } from "../../flow/trial";
import type { Log } from "../log";
import { NodeOpenError, Pipeline } from "../pipeline";
import { makeHttpPort, makeRequestPort } from "./call-ports";
import { type Course, TrialRefusal } from "./course";
import { makeTrialHolding } from "./trial-holding";
import { watchBehaviour } from "./watched-behaviour";
import { makeWritePorts, noteWrite } from "./write-ports";

export interface TrialHouse {
  readonly environment: string;
  readonly log: Log;
  behaviourOf(kind: string): Behaviour | undefined;
  /** The real port of a connection, for calls in earnest. @throws TransportError */
  readonly connection: <K extends keyof ConnectionPorts>(kind: K, name: string) => ConnectionPorts[K];
}

/** Opens the pipeline of a drawing as a worker would, with ports that keep it from the world. @throws TrialRefusal when it cannot run */
export async function openTrial(
  house: TrialHouse,
  document: FlowDocument,
  calls: TrialCalls,
  course: Course,
): Promise<Pipeline> {
  const plan = calmCalls(readPlan(document), calls);
  const version = {
    flowId: "trial",
    flow: document.name,
    environment: house.environment,
    version: 0,
    // Its messages pass as they came, without a trace of their own.
    trace: { perSecond: 0 },
    delivery: "at-least-once",
    plan,
  } as const;
  const makeContext = contextMaker(house, document, plan, { calls, course });
  try {
    return await Pipeline.open(
      version,
      (kind) => {
        const behaviour = house.behaviourOf(kind);
        if (!behaviour) throw new Error(`This worker does not know the kind "${kind}".`);
        return watchBehaviour(behaviour, course);
      },
      (_, at) => makeContext(at),
    );
  } catch (error) {
    if (!(error instanceof NodeOpenError)) throw error;
    const { code, message, detail } = error.reason;
    throw new TrialRefusal({ code, message: `\`${error.node}\`: ${message}`, ...(detail ? { detail } : {}) });
  }
}

function readPlan(document: FlowDocument): Plan {
  try {
    return planOf(document);
  } catch (error) {
    // What is wrong with it, in the words that the drawing shows.
    const problem = checkFlow(document).find(({ severity }) => severity === "error");
    const words = problem?.message ?? (error instanceof Error ? error.message : "The drawing cannot run.");
    throw new TrialRefusal({ code: problem?.code ?? "file-field-invalid", message: words });
  }
}

/** Calls are not kept to a pace, and no circuit opens over one message. Where answers are given, each knows its turn. */
function calmCalls(plan: Plan, calls: TrialCalls): Plan {
  const calm = (stage: Stage): Stage => {
    if (!stage.calls) return stage;
    const { perSecond: _pace, breaker: _breaker, ...policy } = stage.calls;
    const inTurn = calls === "given" ? ({ concurrency: 1, order: "lane" } as const) : {};
    return { ...stage, calls: { ...policy, ...inTurn } };
  };
  return { ...plan, segments: plan.segments.map((segment) => ({ ...segment, stages: segment.stages.map(calm) })) };
}

function contextMaker(
  house: TrialHouse,
  document: FlowDocument,
  plan: Plan,
  { calls, course }: { calls: TrialCalls; course: Course },
): (at: Stage["drawn"]) => NodeContext {
  const { visits } = course;
  const writes = makeWritePorts(visits);
  const options = { visits, calls, given: () => course.given, connection: house.connection };
  const portOf = (kind: keyof ConnectionPorts, name: string): unknown => {
    if (kind === "http") return makeHttpPort(name, options);
    return { ...writes[kind], ...makeRequestPort(kind, name, options) };
  };
  const holding = makeTrialHolding(visits);
  const repliesOf = new Map(
    plan.segments
      .flatMap(({ stages }) => stages)
      .filter(({ role }) => role === "source")
      .map(({ node, kind, config }) => [node, findKind(kind)?.semantics(config).source?.replies] as const),
  );
  return ({ node, input }) => ({
    flow: document.name,
    groupName: document.name,
    environment: house.environment,
    version: 0,
    node,
    input,
    // Sources are not opened, so nothing but these is asked of a port.
    connection: (kind, name) => portOf(kind, name) as never,
    receivedKeys: course.keys,
    holding,
    reply: async (message, { status, headers, body }) => {
      const replies = repliesOf.get(message.meta.source);
      const address = replies === "address" ? readReplyAddress(message.headers)?.to : undefined;
      if (replies !== "waiting" && address === undefined) return { is: "unasked" };
      const texts = Object.entries(headers).filter(([name]) => name !== "traceparent");
      noteWrite(visits, address === undefined ? `answer to the caller, status ${status}` : `answer to ${address}`, {
        key: null,
        headers: [
          ["reply-status", Buffer.from(String(status))],
          ...texts.map(([name, text]) => [name, Buffer.from(text)] as const),
        ],
        value: body,
      });
      return { is: "answered" };
    },
    count: () => {},
    log: (level, message, fields) => house.log[level]({ node, trial: true, ...fields }, message),
    now: () => course.now,
  });
}
