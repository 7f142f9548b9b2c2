/**
 * How a message rides in a BullMQ job; `docs/messages.md` repeats it for those who connect their own services.
 *
 * `job.data` is the plain body, nothing around it:
 * - codec json: the JSON itself (`{"id":7}`), digits of large integers kept;
 * - codec text: a JSON string (`"hello"`);
 * - codec bytes: `{"base64":"…"}`;
 * - a tombstone (no value): `null`.
 *
 * `job.opts.telemetry.metadata` (BullMQ's own field for trace context, stored as `opts.tm`) is a JSON text with what else the
 * message has: `{"traceparent":"00-…","tracestate":"…","key":"K","headers":[["name","value"],…]}`. Each part is left out when
 * there is none, and the whole field when there is nothing. `key` and header values are text, or `{"base64":"…"}` when their
 * bytes are not UTF-8; headers keep their order, and a name may stand there more than once. Workers with BullMQ's
 * OpenTelemetry find the `traceparent` where they look for it. Jobs of other producers need none of it.
 */
import type { Codec } from "../../../flow/codec";
import { type Header, headerText, Message, type MessageMeta } from "../../../flow/message";
import { type TextOrBytes, writeText } from "../text-or-bytes";

const encoder = new TextEncoder();
const withoutBom = new TextDecoder("utf-8");
const traceHeaders = ["traceparent", "tracestate"] as const;

interface Metadata {
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly key?: TextOrBytes;
  readonly headers?: readonly (readonly [string, TextOrBytes])[];
}

/** The JSON text of a job's data. @throws CodecError when the message's bytes do not fit its codec. */
export function writeData(message: Message): string {
  const { value, codec } = message;
  if (value === null) return "null";
  if (codec.name === "bytes") return JSON.stringify({ base64: Buffer.from(value).toString("base64") });
  // Reading the body is the check that the bytes are what the codec says.
  const body = message.body;
  return codec.name === "text" ? JSON.stringify(body) : withoutBom.decode(value);
}

/** The value's bytes of a job's data, as the source's codec expects them. Data that is not JSON comes as it is. */
export function readData(raw: string, codec: Codec): Uint8Array | null {
  if (raw === "null") return null;
  if (codec.name !== "text" && codec.name !== "bytes") return encoder.encode(raw);
  const data = parse(raw);
  if (typeof data === "string") return encoder.encode(data);
  if (codec.name === "bytes" && isBase64(data) && Object.keys(data).length === 1) return readBytes(data);
  return encoder.encode(raw);
}

/** The text of `telemetry.metadata`, or nothing. */
export function writeMetadata(message: Pick<Message, "key" | "headers">): string | undefined {
  const metadata: { -readonly [Name in keyof Metadata]: Metadata[Name] } = {};
  for (const name of traceHeaders) {
    const text = headerText(message.headers, name);
    if (text !== undefined) metadata[name] = text;
  }
  if (message.key !== null) metadata.key = writeText(message.key);
  const rest = message.headers.filter(([name]) => !traceHeaders.some((known) => known === name));
  if (rest.length > 0) metadata.headers = rest.map(([name, value]) => [name, writeText(value)]);
  return Object.keys(metadata).length === 0 ? undefined : JSON.stringify(metadata);
}

/** Key and headers from `telemetry.metadata`; what is not as we write it is passed over. */
export function readMetadata(text: unknown): { key: Uint8Array | null; headers: Header[] } {
  const headers: Header[] = [];
  const metadata = typeof text === "string" ? (parse(text) as Metadata | null | undefined) : undefined;
  if (typeof metadata !== "object" || metadata === null) return { key: null, headers };
  if (Array.isArray(metadata.headers)) {
    for (const pair of metadata.headers as unknown[]) {
      if (!Array.isArray(pair) || typeof pair[0] !== "string") continue;
      if (typeof pair[1] === "string" || isBase64(pair[1])) headers.push([pair[0], readBytes(pair[1])]);
    }
  }
  for (const name of traceHeaders) {
    const value = metadata[name];
    if (typeof value === "string") headers.push([name, encoder.encode(value)]);
  }
  const key = typeof metadata.key === "string" || isBase64(metadata.key) ? readBytes(metadata.key) : null;
  return { key, headers };
}

/** A job as a message. */
export function toMessage(
  job: { readonly raw: string; readonly metadata: unknown },
  meta: MessageMeta,
  codec: Codec,
): Message {
  return new Message({ ...readMetadata(job.metadata), value: readData(job.raw, codec), meta, codec });
}

function readBytes(value: TextOrBytes): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : new Uint8Array(Buffer.from(value.base64, "base64"));
}

function isBase64(value: unknown): value is { base64: string } {
  return typeof value === "object" && value !== null && typeof (value as { base64?: unknown }).base64 === "string";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
