import type { Payload, PlainMessage } from "@/flow/control";
import type { RunView } from "@/server/views";

/** Begins anew with whoever sends it: its trace, and the mark by which its run is kept. */
const ownHeaders = new Set(["traceparent", "tracestate"]);

/** The message as it came to the flow; `null` when nothing of it was kept. */
function messageOf(run: RunView): Payload | null {
  const [first] = run.detail.steps;
  const index = first?.in ?? first?.out[0]?.payload;
  return index === undefined ? null : (run.detail.payloads[index] ?? null);
}

/** Runs of before `partial` was marked tell it by their limits alone. */
function isPartial({ partial, key, headers }: Payload): boolean {
  const isLong = (text: string | null) => (text?.length ?? 0) >= 1_024;
  return partial === true || headers.length >= 50 || [key, ...headers.map(([, text]) => text)].some(isLong);
}

/** The message of a run as it is to be sent again from its source, or why it cannot be. */
export function readResend(run: RunView): { message: PlainMessage } | { why: string } {
  const source = run.document.nodes.find(({ id }) => id === run.source);
  if (!source) return { why: "The flow, or the node that the message came by, is gone." };
  if (run.detail.steps[0]?.node !== run.source)
    return { why: "This run begins behind a node that held the message; send it again from the run before." };
  const payload = messageOf(run);
  if (!payload) return { why: "Nothing of the message was kept." };
  if (payload.truncated)
    return { why: "Only the beginning of the message was kept: it is too long to be sent again from here." };
  if (isPartial(payload))
    return {
      why: "Its key or headers were not kept whole: they are long, many, or no text. Send it again where it lies.",
    };
  const { key, value, encoding } = payload;
  return { message: { key, value, encoding, headers: payload.headers.filter(([name]) => !ownHeaders.has(name)) } };
}

/** A line of NDJSON that the page Tests takes as a case's message. */
export function writeCaseLine({ key, headers, value, encoding }: PlainMessage): string {
  const body = value === null ? { value: null } : encoding === "base64" ? { base64: value } : readBody(value);
  return JSON.stringify({ ...(key === null ? {} : { key }), ...(headers.length > 0 ? { headers } : {}), ...body });
}

function readBody(text: string): { body: unknown } | { text: string } {
  try {
    // Numbers that JavaScript does not hold would be changed on the way.
    if (/\d{16}/.test(text)) return { text };
    return { body: JSON.parse(text) as unknown };
  } catch {
    return { text };
  }
}
