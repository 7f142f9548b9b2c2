import { Message } from "../flow/message";
import { type RunDetail, type RunState, type RunStep, runLimits } from "../flow/run-detail";
import type { SearchValue } from "../flow/searchable";
import { type Emission, emissionsOf, isFailure } from "../flow/verdict";
import { readEarlierCauses } from "./cause-chain";
import { becameDead, becameParked, type Flight, type StageWork, tookErrorPort, worked } from "./flight";
import type { Item } from "./items";
import type { RunningStage } from "./pipeline";
import { PayloadList } from "./run-payloads";
import { readTrace } from "./trace";

/** How much of a run is drawn. */
export interface RunLimits {
  readonly steps: number;
  /** Steps that failed, beyond those. */
  readonly failures: number;
  readonly payloads: number;
  /** Of what came to those that failed, beyond those. */
  readonly failedPayloads: number;
}

/** One message's way through a flow, as it is stored. */
export interface RunRecord {
  readonly id: string;
  readonly startedAt: number;
  readonly environment: string;
  readonly flowId: string;
  readonly flow: string;
  readonly version: number;
  readonly traceId: string;
  readonly parentSpan: string | null;
  readonly spanId: string;
  readonly source: string;
  readonly lane: string;
  readonly position: string;
  readonly key: string | null;
  readonly state: RunState;
  readonly durationMs: number;
  readonly attempts: number;
  readonly errorNode: string | null;
  readonly errorCode: string | null;
  readonly error: string | null;
  readonly detail: RunDetail;
  /** By which it is found. */
  readonly values: readonly SearchValue[];
}

/** Hears which item of a stage some steps are of, by their indexes in the run. */
export type StepsOf = (steps: readonly number[], stage: RunningStage, item: Item) => void;

/** Draws the run of one source message from what its flight kept. */
export function drawRun(flight: Flight, origin: number, limits: RunLimits = runLimits, tell?: StepsOf): RunRecord {
  const { version, stages } = flight.pipeline;
  const entered = flight.entered[origin]!;
  const { meta } = entered;
  const payloads = new PayloadList(limits.payloads, limits.failedPayloads);
  const steps: RunStep[] = [];
  const from = flight.resent ? flight.resent.exit : { node: flight.source, port: "out" };
  if (from) {
    const out = [{ port: from.port, payload: payloads.add(entered) }];
    steps.push({ node: from.node, startMs: 0, durationMs: 0, attempt: 1, in: null, out, state: "done" });
  }
  let endMs = 0;
  let attempts = 1;
  let moreSteps = 0;
  let failure: RunStep | undefined;
  for (const stage of stages) {
    const work = flight.work[stage.index];
    if (!work) continue;
    const spent = countSpent(flight, stage);
    for (let index = 0; index < work.results.length; index++) {
      const result = work.results[index];
      // What was cut before it ended has no result.
      if (work.items.originOf(index) !== origin || !result) continue;
      const item = work.items.at(index);
      if (steps.length >= limits.steps + (isFailure(result) ? limits.failures : 0)) {
        const { startMs, durationMs } = readTimes(stage, work, index);
        endMs = Math.max(endMs, startMs + durationMs);
        moreSteps += 1 + (work.tries?.get(index)?.failed.length ?? 0);
        continue;
      }
      const drawn = drawSteps(stage, work, index, payloads, spent);
      const last = drawn.at(-1)!;
      if (last.cause) {
        // Where it ended tells more than where an error port led on.
        if (!failure || (last.state === "dead" && failure.state !== "dead")) failure = last;
        const causes = readEarlierCauses(flight, stage.drawn.node, item, last.cause);
        if (causes.length > 0) last.causes = causes;
      }
      attempts = Math.max(attempts, last.attempt);
      endMs = Math.max(endMs, last.startMs + last.durationMs);
      tell?.(
        drawn.map((_, at) => steps.length + at),
        stage,
        item,
      );
      steps.push(...drawn);
    }
  }
  const trace = flight.traceOf(origin);
  return {
    id: flight.runIdOf(origin),
    startedAt: flight.startedAt,
    environment: version.environment,
    flowId: version.flowId,
    flow: version.flow,
    version: version.version,
    traceId: trace.traceId,
    parentSpan: readTrace(flight.origins[origin]!.headers)?.spanId ?? null,
    spanId: trace.spanId,
    source: flight.source,
    lane: meta.lane,
    position: meta.position,
    key: payloads.list[0]?.key ?? null,
    state: readRunState(flight.marks[origin]!),
    durationMs: endMs,
    attempts,
    errorNode: failure?.node ?? null,
    errorCode: failure?.cause?.code ?? null,
    error: failure?.cause?.message ?? null,
    detail: { steps, payloads: payloads.list, ...(moreSteps > 0 ? { moreSteps } : {}) },
    values: flight.pipeline.searchables.read(findSourceMessage(flight, origin), payloads.list[0]?.key ?? null),
  };
}

export function readRunState(marks: number): RunState {
  if (marks & becameDead) return "dead";
  if (marks & tookErrorPort) return "failed";
  if (marks & becameParked) return "parked";
  return marks & worked ? "done" : "dropped";
}

/** Attempts before this run, of a message that waited for a later try. */
function countSpent({ resent, resumedAt }: Flight, stage: RunningStage): number {
  return resent?.as === "parked" && resumedAt === stage.index ? resent.attempts : 0;
}

/** A step for each try that failed, and one for how it ended. */
function drawSteps(
  stage: RunningStage,
  work: StageWork,
  index: number,
  payloads: PayloadList,
  spent: number,
): RunStep[] {
  const { node } = stage.drawn;
  const message = work.items.messages[index]!;
  const result = work.results[index]!;
  const tries = work.tries?.get(index);
  const input = payloads.add(message, isFailure(result));
  const came = { in: input, ...(input === null ? { unkept: true as const } : {}) };
  const steps: RunStep[] = (tries?.failed ?? []).map(({ startMs, durationMs, cause }, before) => ({
    node,
    startMs,
    durationMs,
    attempt: spent + before + 1,
    ...came,
    out: [],
    state: "retry",
    cause,
  }));
  const end = { node, ...readTimes(stage, work, index), attempt: spent + (tries?.count ?? 0) + 1, ...came };
  const note = result.note ? { note: { ...result.note } } : {};
  if (work.parked?.has(index) && isFailure(result)) {
    steps.push({ ...end, out: [], state: "parked", cause: result.cause, ...note });
  } else if (isFailure(result)) {
    steps.push({ ...end, out: [], state: stage.errorWired ? "failed" : "dead", cause: result.cause, ...note });
  } else {
    const emit = emissionsOf(result, message);
    const left = drawOut(emit ?? [], payloads);
    steps.push({ ...end, ...left, state: emit?.length === 0 ? "dropped" : "done", ...note });
  }
  return steps;
}

function readTimes(stage: RunningStage, work: StageWork, index: number): Pick<RunStep, "startMs" | "durationMs"> {
  // A synchronous step works a batch in one go: its share of the time is what one message took.
  const share = stage.work.role === "sync" ? work.items.messages.length : 1;
  const { startMs, durationMs } = work.tries?.get(index)?.last ??
    work.spans?.[index] ?? { startMs: work.startMs, durationMs: work.durationMs / share };
  return { startMs, durationMs };
}

/** What left a node: the first of it by its payloads, the rest as a number by port. */
function drawOut(emit: readonly Emission[], payloads: PayloadList): Pick<RunStep, "out" | "moreOut"> {
  const out = emit.slice(0, payloads.limit).map(({ port, message }) => ({ port, payload: payloads.add(message) }));
  const moreOut: Record<string, number> = {};
  for (let at = payloads.limit; at < emit.length; at++) {
    const { port } = emit[at]!;
    moreOut[port] = (moreOut[port] ?? 0) + 1;
  }
  return emit.length > payloads.limit ? { out, moreOut } : { out };
}

/** The message as it came from its source, as far as that is known: one that is on its way again entered further on. */
function findSourceMessage({ entered, resent }: Flight, origin: number): Message {
  const message = entered[origin]!;
  if (!resent?.original) return message;
  const { meta, codec } = message;
  return new Message({ ...resent.original, meta, codec });
}
