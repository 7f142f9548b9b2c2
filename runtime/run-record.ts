import type { Payload, RunDetail, RunState, RunStep } from "../flow/control";
import { Message } from "../flow/message";
import type { SearchValue } from "../flow/searchable";
import { isFailure } from "../flow/verdict";
import { becameDead, becameParked, type Flight, type Item, type StageWork, tookErrorPort, worked } from "./flight";
import type { RunningStage } from "./pipeline";
import { readTrace } from "./trace";

/** A payload is kept up to here; what is longer carries a mark. */
export const payloadLimitBytes = 16_384;
const maxHeaders = 50;
/** A split into thousands does not make a run of thousands of steps. */
const runLimits: RunLimits = { steps: 200, payloads: 100 };

/** How much of a run is drawn. */
export interface RunLimits {
  readonly steps: number;
  readonly payloads: number;
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
export function drawRun(flight: Flight, origin: number, limits = runLimits, tell?: StepsOf): RunRecord {
  const { version, stages } = flight.pipeline;
  const entered = flight.entered[origin]!;
  const { meta } = entered;
  const payloads = new PayloadList(limits.payloads);
  const steps: RunStep[] = [];
  const from = flight.resent ? flight.resent.exit : { node: flight.source, port: "out" };
  if (from) {
    const out = [{ port: from.port, payload: payloads.add(entered) }];
    steps.push({ node: from.node, startMs: 0, durationMs: 0, attempt: 1, in: null, out, state: "done" });
  }
  let endMs = 0;
  let attempts = 1;
  let failure: RunStep | undefined;
  for (const stage of stages) {
    const work = flight.work[stage.index];
    if (!work) continue;
    for (let index = 0; index < work.items.length && steps.length < limits.steps; index++) {
      // What was cut before it ended has no result.
      if (work.items[index]!.origin !== origin || !work.results[index]) continue;
      const drawn = drawSteps(stage, work, index, payloads, countSpent(flight, stage));
      const last = drawn.at(-1)!;
      if (last.cause) failure ??= last;
      attempts = Math.max(attempts, last.attempt);
      endMs = Math.max(endMs, last.startMs + last.durationMs);
      tell?.(
        drawn.map((_, at) => steps.length + at),
        stage,
        work.items[index]!,
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
    detail: { steps, payloads: payloads.list },
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
  const item = work.items[index]!;
  const result = work.results[index]!;
  const tries = work.tries?.get(index);
  const input = payloads.add(item.message);
  const steps: RunStep[] = (tries?.failed ?? []).map(({ startMs, durationMs, cause }, before) => ({
    node,
    startMs,
    durationMs,
    attempt: spent + before + 1,
    in: input,
    out: [],
    state: "retry",
    cause,
  }));
  // A synchronous step works a batch in one go: its share of the time is what one message took.
  const share = stage.work.role === "sync" ? work.items.length : 1;
  const { startMs, durationMs } = tries?.last ??
    work.spans?.[index] ?? { startMs: work.startMs, durationMs: work.durationMs / share };
  const end = { node, startMs, durationMs, attempt: spent + (tries?.count ?? 0) + 1, in: input };
  const note = result.note ? { note: { ...result.note } } : {};
  if (work.parked?.has(index) && isFailure(result)) {
    steps.push({ ...end, out: [], state: "parked", cause: result.cause, ...note });
  } else if (isFailure(result)) {
    steps.push({ ...end, out: [], state: stage.errorWired ? "failed" : "dead", cause: result.cause, ...note });
  } else if ("emit" in result) {
    const out = result.emit
      .slice(0, payloads.limit)
      .map(({ port, message }) => ({ port, payload: payloads.add(message) }));
    steps.push({ ...end, out, state: out.length > 0 ? "done" : "dropped", ...note });
  } else {
    steps.push({ ...end, out: [], state: "done", ...note });
  }
  return steps;
}

/** Payloads of a run; steps that share a message share its payload. */
class PayloadList {
  readonly list: Payload[] = [];
  readonly #indexes = new Map<Message, number>();

  constructor(readonly limit: number) {}

  add(message: Message): number {
    const known = this.#indexes.get(message);
    if (known !== undefined) return known;
    if (this.list.length >= this.limit) return this.limit - 1;
    const index = this.list.push(readPayload(message)) - 1;
    this.#indexes.set(message, index);
    return index;
  }
}

export function readPayload(message: Message, limitBytes = payloadLimitBytes): Payload {
  const bytes = readValue(message);
  const cut = bytes !== null && bytes.length > limitBytes;
  const value = bytes === null ? null : toText(cut ? bytes.subarray(0, limitBytes) : bytes, cut);
  const beside = [...(message.key === null ? [] : [message.key]), ...message.headers.map(([, header]) => header)];
  const partial = message.headers.length > maxHeaders || beside.some((each) => !isKeptWhole(each));
  return {
    key:
      message.key === null
        ? null
        : toText(message.key.subarray(0, besideLimitBytes), message.key.length > besideLimitBytes).text,
    headers: message.headers
      .slice(0, maxHeaders)
      .map(([name, header]) => [
        name,
        toText(header.subarray(0, besideLimitBytes), header.length > besideLimitBytes).text,
      ]),
    value: value?.text ?? null,
    encoding: value?.encoding ?? "text",
    truncated: cut,
    ...(partial ? { partial } : {}),
  };
}

/** A key or a header's value is kept as text up to here. */
const besideLimitBytes = 1_024;
const isKeptWhole = (bytes: Uint8Array) => bytes.length <= besideLimitBytes && toText(bytes, false).encoding === "text";

function readValue(message: Message): Uint8Array | null {
  try {
    return message.value;
  } catch {
    // A body that has no bytes in its codec: the step that met it tells so.
    return null;
  }
}

/** As text when the bytes are UTF-8, else base64; a cut in the middle of a character is no harm. */
function toText(bytes: Uint8Array, cut: boolean): { text: string; encoding: "text" | "base64" } {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut });
    // Postgres keeps no NUL in text or JSON that it searches; bytes that carry one are not text for a person either.
    if (!text.includes("\0")) return { text, encoding: "text" };
  } catch {
    // not UTF-8
  }
  return { text: Buffer.from(bytes).toString("base64"), encoding: "base64" };
}

/** The message as it came from its source, as far as that is known: one that is on its way again entered further on. */
function findSourceMessage({ entered, resent }: Flight, origin: number): Message {
  const message = entered[origin]!;
  if (!resent?.original) return message;
  const { meta, codec } = message;
  return new Message({ ...resent.original, meta, codec });
}
