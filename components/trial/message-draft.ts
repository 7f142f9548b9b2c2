import type { PlainMessage, SeenMessage } from "@/flow/control";
import type { TestMessage } from "@/flow/test-case";
import { fromPlainMessage } from "@/flow/test-message";
import { prettyJson } from "../form/newest-messages";

export const emptyDraft: PlainMessage = { key: null, headers: [], value: "{}", encoding: "text" };

/** A message as it is typed: JSON laid out in lines. */
export function draftOf(message: PlainMessage | SeenMessage): PlainMessage {
  const { key, value, encoding } = message;
  return {
    key,
    // A trace is of one delivery, and says nothing of what the message is.
    headers: message.headers.filter(([name]) => name !== "traceparent" && name !== "tracestate"),
    value: value === null || encoding === "base64" ? value : prettyJson(value),
    encoding,
  };
}

/** What is typed, as a test writes it. Headers without a name are left out. */
export function readDraft(draft: PlainMessage): TestMessage {
  return fromPlainMessage({ ...draft, headers: draft.headers.filter(([name]) => name.trim() !== "") });
}

/** A test's message, to be typed on. */
export function draftOfTest({ key, headers, body, text, base64 }: TestMessage): PlainMessage {
  const own = { key: key ?? null, headers: headers ?? [] };
  if (base64 !== undefined) return { ...own, value: base64, encoding: "base64" };
  if (text !== undefined) return { ...own, value: text, encoding: "text" };
  return {
    ...own,
    value: body === undefined || body === null ? null : JSON.stringify(body, null, 2),
    encoding: "text",
  };
}

interface Tried {
  at: string;
  draft: PlainMessage;
}

const keyOf = (flow: string) => `millrace.tried.${flow}`;

/** The message that was tried last on a flow, in this browser. */
export function recallTried(flow: string, at: string): PlainMessage | null {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(flow)) ?? "null") as Tried | null;
    return kept?.at === at && Array.isArray(kept.draft?.headers) ? kept.draft : null;
  } catch {
    return null;
  }
}

export function keepTried(flow: string, at: string, draft: PlainMessage): void {
  try {
    localStorage.setItem(keyOf(flow), JSON.stringify({ at, draft } satisfies Tried));
  } catch {
    // Full, or not allowed: then there is no last one.
  }
}
