import { type Header, headerText, type Message } from "../flow/message";
import {
  continueTrace,
  formatTraceparent,
  parseTraceparent,
  startTrace,
  type TraceContext,
  traceHeader,
} from "../flow/trace-context";

/**
 * The message with a `traceparent` of its own: the trace it came with, or a new one, and a new span. Whatever leaves the flow
 * carries its headers, so the trace crosses topics, queues and calls.
 */
export function enterTrace(message: Message): Message {
  const parent = readTrace(message.headers);
  const context = parent ? continueTrace(parent) : startTrace();
  const header: Header = [traceHeader, Buffer.from(formatTraceparent(context), "latin1")];
  const others = parent ? message.headers.filter(([name]) => name !== traceHeader) : message.headers;
  return message.with({ headers: [...others, header] });
}

export function readTrace(headers: readonly Header[]): TraceContext | undefined {
  const text = headerText(headers, traceHeader);
  return text === undefined ? undefined : parseTraceparent(text);
}

/** What a person sends by hand asks in `tracestate` for its run to be kept in any case. */
export const keepHeader: readonly [string, string] = ["tracestate", "millrace=keep"];

export function isKept(headers: readonly Header[]): boolean {
  const state = headerText(headers, keepHeader[0]);
  return state !== undefined && /(^|,)\s*millrace=keep\s*(,|$)/.test(state);
}
