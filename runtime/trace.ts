import { type Header, headerText, type Message, setHeader } from "../flow/message";
import {
  continueTrace,
  formatTraceparent,
  parseTraceparent,
  startTrace,
  type TraceContext,
  traceHeader,
} from "../flow/trace-context";
import type { Sampler } from "./sampler";

/** What a person sends by hand asks in `tracestate` for its run to be kept in any case. */
export const keepHeader: readonly [string, string] = ["tracestate", "millrace=keep"];
/** What a flow picked is marked for the flows behind it, so that whole traces are kept and not a step of each. */
const sampledMark = "millrace=sample";

/**
 * The message with a `traceparent` of its own: the trace it came with, or a new one, and a new span. Whatever leaves the flow
 * carries its headers, so the trace, and the mark of one whose runs are kept, cross topics, queues and calls.
 */
export function enterTrace(message: Message, sampler: Sampler): Message {
  const parent = readTrace(message.headers);
  const context = parent ? continueTrace(parent) : startTrace();
  const header: Header = [traceHeader, Buffer.from(formatTraceparent(context), "latin1")];
  const others = parent ? message.headers.filter(([name]) => name !== traceHeader) : message.headers;
  const state = headerText(others, keepHeader[0]);
  // One that was picked before counts as one of this flow's own picks.
  const picked = sampler.take(performance.now());
  if (!picked || readMark(state) !== undefined) return message.with({ headers: [...others, header] });
  const marked = state ? `${sampledMark},${state}` : sampledMark;
  return message.with({ headers: [...setHeader(others, keepHeader[0], marked), header] });
}

export function readTrace(headers: readonly Header[]): TraceContext | undefined {
  const text = headerText(headers, traceHeader);
  return text === undefined ? undefined : parseTraceparent(text);
}

/** Is the run of a message with these headers kept, although it went well? */
export function isKept(headers: readonly Header[], sampler: Sampler): boolean {
  const mark = readMark(headerText(headers, keepHeader[0]));
  return mark === "keep" || (mark === "sample" && !sampler.none);
}

function readMark(state: string | undefined): string | undefined {
  return state === undefined ? undefined : /(?:^|,)\s*millrace=(keep|sample)\s*(?:,|$)/.exec(state)?.[1];
}
