/** A place in a trace, as W3C Trace Context has it (https://www.w3.org/TR/trace-context/). Ids are lower-case hex. */
export interface TraceContext {
  /** 32 hex digits, not all zero. */
  readonly traceId: string;
  /** 16 hex digits, not all zero: the span that is the parent of what follows. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Name of the header (and of the field in a job's data). */
export const traceHeader = "traceparent";
/** What a person sends by hand asks in `tracestate` for its run to be kept in any case. */
export const keepHeader: readonly [string, string] = ["tracestate", "millrace=keep"];

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads a `traceparent`; `undefined` for one that the standard calls invalid. Versions newer than 00 are read as far as 00 goes. */
export function parseTraceparent(text: string): TraceContext | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, version, traceId = "", spanId = "", flags = "00", more] = match;
  if (version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.sampled ? "01" : "00"}`;
}

/** Begins a trace. */
export function startTrace(sampled = true): TraceContext {
  return { traceId: makeHex(16), spanId: makeHex(8), sampled };
}

/** The next span of the same trace. */
export function continueTrace(parent: TraceContext, sampled = parent.sampled): TraceContext {
  return { traceId: parent.traceId, spanId: makeHex(8), sampled };
}

// One call for 512 traces: asking for random bytes message by message costs more than all the rest.
const random = new Uint8Array(8192);
let used = random.length;
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function makeHex(bytes: 8 | 16): string {
  if (used + bytes > random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  let text = "";
  let any = 0;
  for (const end = used + bytes; used < end; used++) {
    const byte = random[used]!;
    any |= byte;
    text += hex[byte];
  }
  return any === 0 ? makeHex(bytes) : text;
}
