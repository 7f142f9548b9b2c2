import type { Message } from "../flow/message";
import type { PartMark, Payload } from "../flow/run-detail";

/** A payload is kept up to here; what is longer carries a mark. */
export const payloadLimitBytes = 16_384;
/** A key or a header's value is kept as text up to here. */
const besideLimitBytes = 1_024;
const maxHeaders = 50;

/** Payloads of a run; steps that share a message share its payload. */
export class PayloadList {
  readonly list: Payload[] = [];
  readonly #indexes = new Map<Message, number>();

  /** `spare`: beyond the limit, for those that failed. */
  constructor(
    readonly limit: number,
    readonly spare: number,
  ) {}

  /** Its index in the list; `null` when so many are kept already. */
  add(message: Message, hasFailed = false): number | null {
    const known = this.#indexes.get(message);
    if (known !== undefined) return known;
    if (this.list.length >= this.limit + (hasFailed ? this.spare : 0)) return null;
    const index = this.list.push(readPayload(message)) - 1;
    this.#indexes.set(message, index);
    return index;
  }
}

/** A message as a run keeps it: what is too long or too much is cut, and told. */
export function readPayload(message: Message, limitBytes = payloadLimitBytes): Payload {
  const bytes = readValue(message);
  const cut = bytes !== null && bytes.length > limitBytes;
  const value = bytes === null ? null : toText(cut ? bytes.subarray(0, limitBytes) : bytes, cut);
  const key = message.key === null ? null : readPart(message.key);
  const headers = message.headers.slice(0, maxHeaders).map(([name, header]) => [name, readPart(header)] as const);
  const moreHeaders = message.headers.length - headers.length;
  const headerMarks = Object.fromEntries(
    headers.flatMap(([, { mark }], index): [number, PartMark][] => (mark ? [[index, mark]] : [])),
  );
  const hasMarks = Object.keys(headerMarks).length > 0;
  return {
    key: key?.text ?? null,
    headers: headers.map(([name, { text }]) => [name, text]),
    value: value?.text ?? null,
    encoding: value?.encoding ?? "text",
    truncated: cut,
    ...(cut ? { bytes: bytes.length } : {}),
    ...(moreHeaders > 0 || hasMarks || key?.mark ? { partial: true } : {}),
    ...(key?.mark ? { keyMark: key.mark } : {}),
    ...(hasMarks ? { headerMarks } : {}),
    ...(moreHeaders > 0 ? { moreHeaders } : {}),
  };
}

function readPart(bytes: Uint8Array): { text: string; mark?: PartMark } {
  const cut = bytes.length > besideLimitBytes;
  const { text, encoding } = toText(bytes.subarray(0, besideLimitBytes), cut);
  if (!cut && encoding === "text") return { text };
  return {
    text,
    mark: { ...(cut ? { bytes: bytes.length } : {}), ...(encoding === "base64" ? { base64: true as const } : {}) },
  };
}

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
