import { type Header, headerText, type Message, setHeader } from "../flow/message";
import {
  continueTrace,
  formatTraceparent,
  keepHeader,
  parseTraceparent,
  startTrace,
  type TraceContext,
  traceHeader,
} from "../flow/trace-context";
import type { Sampler } from "./sampler";

/** What a flow picked is marked for the flows behind it, so that whole traces are kept and not a step of each. */
const sampledMark = "millrace=sample";

/** Messages with the trace that they go on with. */
export interface EnteredTraces {
  readonly entered: readonly Message[];
  /** Whose runs are kept although they may go well; `null` when none is. */
  readonly kept: Uint8Array | null;
}

/**
 * Lets messages into a flow. One whose run is kept gets a `traceparent` of its own: the trace it came with, or a new one, and a new span.
 * Whatever leaves the flow carries its headers, so the trace, and the mark of one whose runs are kept, cross topics, queues and calls.
 * All others pass as they came: a trace that nobody keeps costs nothing, and one that came with the message goes on as it was.
 */
export function enterTraces(messages: readonly Message[], sampler: Sampler): EnteredTraces {
  let kept: Uint8Array | null = null;
  let entered: Message[] | null = null;
  const now = performance.now();
  const matches = sampler.matcher();
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index]!;
    const picked = sampler.take(now) || matches?.(message) === true;
    const state = message.header(keepHeader[0]);
    if (!picked && state === undefined) continue;
    const mark = readMark(state);
    if (!picked && mark !== "keep" && (mark !== "sample" || sampler.none)) continue;
    kept ??= new Uint8Array(messages.length);
    kept[index] = 1;
    entered ??= [...messages];
    entered[index] = enterTrace(message, state, mark === undefined);
  }
  return { entered: entered ?? messages, kept };
}

function enterTrace(message: Message, state: string | undefined, isUnmarked: boolean): Message {
  const parent = readTrace(message.headers);
  const context = parent ? continueTrace(parent) : startTrace();
  const header: Header = [traceHeader, Buffer.from(formatTraceparent(context), "latin1")];
  const others = parent ? message.headers.filter(([name]) => name !== traceHeader) : message.headers;
  // One that was picked before counts as one of this flow's own picks.
  if (!isUnmarked) return message.with({ headers: [...others, header] });
  const marked = state ? `${sampledMark},${state}` : sampledMark;
  return message.with({ headers: [...setHeader(others, keepHeader[0], marked), header] });
}

export function readTrace(headers: readonly Header[]): TraceContext | undefined {
  if (headers.length === 0) return undefined;
  const text = headerText(headers, traceHeader);
  return text === undefined ? undefined : parseTraceparent(text);
}

/** The trace of a run: as its message carries it, else a span of its own in the trace that came with it, or in a new one. */
export function makeRunTrace({ entered, kept }: EnteredTraces, origin: number): TraceContext {
  const carried = readTrace(entered[origin]!.headers);
  if (carried && kept?.[origin]) return carried;
  return carried ? continueTrace(carried) : startTrace();
}

function readMark(state: string | undefined): string | undefined {
  return state === undefined ? undefined : /(?:^|,)\s*millrace=(keep|sample)\s*(?:,|$)/.exec(state)?.[1];
}
