/**
 * How a message rides in AMQP; `docs/messages.md` repeats it for those who connect their own services.
 *
 * The body is the value, byte for byte. A tombstone is an empty body with the header `millrace-null`: true.
 * The key is the header `millrace-key`. Other headers are AMQP headers of text; bytes that are not UTF-8 are the table `{ base64: "…" }`,
 * and a name that comes more than once is an array. Streams drop tables and arrays: where there are such, the header `millrace-headers`
 * repeats key and headers as text, a JSON list of names and values. The headers named in `properties` are AMQP's own properties, as
 * `correlation-id`.
 */
import type { Envelope } from "rabbitmq-client";
import type { RabbitMessage } from "../../../flow/connections/rabbitmq-port";
import type { Header } from "../../../flow/message";
import { encodeUtf8 } from "../../../flow/utf8";
import { type TextOrBytes, writeText } from "../text-or-bytes";
import type { Declared } from "./client-parts";

export const keyHeader = "millrace-key";
export const nullHeader = "millrace-null";

type TextProperty = "messageId" | "correlationId" | "replyTo" | "contentType" | "contentEncoding" | "type" | "appId";

/** Headers of a message that are properties of AMQP. */
const properties: readonly (readonly [header: string, property: TextProperty])[] = [
  ["message-id", "messageId"],
  ["correlation-id", "correlationId"],
  ["reply-to", "replyTo"],
  ["content-type", "contentType"],
  ["content-encoding", "contentEncoding"],
  ["type", "type"],
  ["app-id", "appId"],
];
const propertyOf: ReadonlyMap<string, TextProperty> = new Map(properties);
const priorityHeader = "priority";
const listHeader = "millrace-headers";
const countHeader = "x-delivery-count";
/** Told as the message's attempt, and as its position in a stream. */
const toldElsewhere = new Set([countHeader, "x-stream-offset"]);
const ownHeaders = new Set([keyHeader, nullHeader, listHeader]);

/** What the broker stamps on a delivery, or would take as an order where to route copies: told to a flow, not written by it. */
const brokerStamp = /^(x-death|x-delivery-count|x-stream-offset|x-(first|last)-death-.*|x-opt-.*|user-id|CC|BCC)$/;

/** Longest text of a property, a header's name or a routing key. The client cuts longer ones without a word. */
export const maxShortBytes = 255;

/** Of properties and their like, beside the headers. */
const reservedBytes = 2_500;

type Value = TextOrBytes | boolean;

/** What is delivered, as far as it is read here. */
export interface Delivered extends Declared {
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly timestamp?: number;
  readonly priority?: number;
  readonly userId?: string;
  readonly messageId?: string;
  readonly correlationId?: string;
  readonly replyTo?: string;
  readonly contentEncoding?: string;
  readonly type?: string;
  readonly appId?: string;
}

/** The envelope of a message. @throws RangeError for headers that AMQP cannot carry: they go in one frame. */
export function writeEnvelope(message: RabbitMessage, frameMax: number): Envelope {
  const envelope: Envelope = {
    exchange: message.exchange,
    routingKey: message.routingKey,
    mandatory: message.mandatory,
    durable: message.persistent,
    timestamp: Math.max(0, Math.floor(message.timestamp / 1000)),
  };
  if (message.expirationMs !== undefined) envelope.expiration = String(message.expirationMs);
  const headers = new Map<string, Value | Value[]>();
  if (message.key !== null) headers.set(keyHeader, writeText(message.key));
  let headerBytes = reservedBytes + (message.key?.length ?? 0);
  for (const [name, bytes] of message.headers) {
    headerBytes += name.length + bytes.length + 16;
    if (brokerStamp.test(name) || ownHeaders.has(name)) continue;
    const value = writeText(bytes);
    if (takeProperty(envelope, name, value)) continue;
    if (isTooLong(name))
      throw new RangeError(`The name of a header is longer than ${maxShortBytes} bytes, which AMQP cannot carry.`);
    const before = headers.get(name);
    if (before === undefined) headers.set(name, value);
    else headers.set(name, Array.isArray(before) ? [...before, value] : [before, value]);
  }
  const list = listForStreams(headers);
  if (list !== undefined) headers.set(listHeader, list);
  if (message.value === null) headers.set(nullHeader, true);
  // In base64 they are a third longer.
  if (headerBytes * (list === undefined ? 1.4 : 3) > frameMax) {
    throw new RangeError(
      `Key and headers are ${headerBytes} bytes; AMQP carries them in one frame of ${frameMax} bytes.`,
    );
  }
  if (message.priority !== undefined) envelope.priority = message.priority;
  if (message.contentType !== undefined) envelope.contentType ??= message.contentType;
  // The client takes a Map, which keeps the order also of names that look like numbers.
  if (headers.size > 0) envelope.headers = headers as unknown as Record<string, unknown>;
  return envelope;
}

/** All headers, where there are such that a stream would drop. */
function listForStreams(headers: ReadonlyMap<string, Value | Value[]>): string | undefined {
  for (const value of headers.values()) {
    if (typeof value !== "object") continue;
    const list = [...headers].flatMap(([name, each]) => [each].flat().map((one) => [name, one]));
    return JSON.stringify(list);
  }
  return undefined;
}

/** Writes a header as the property that it is; `false` where it is none, does not fit, or is there already. */
function takeProperty(envelope: Envelope, name: string, value: Value): boolean {
  if (typeof value !== "string") return false;
  if (name === priorityHeader) {
    if (envelope.priority !== undefined || !/^\d{1,3}$/.test(value) || Number(value) > 255) return false;
    envelope.priority = Number(value);
    return true;
  }
  const property = propertyOf.get(name);
  if (property === undefined || envelope[property] !== undefined) return false;
  if (isTooLong(value)) return false;
  envelope[property] = value;
  return true;
}

/** Is a text longer than AMQP carries as a name, a routing key or a property? */
export function isTooLong(text: string): boolean {
  return text.length * 3 > maxShortBytes && Buffer.byteLength(text) > maxShortBytes;
}

/** Key, value and headers of a delivery. `usual` is the content type that the codec implies: it is not told. */
export function readDelivered(
  delivered: Delivered,
  usual: string | undefined,
): { key: Uint8Array | null; value: Uint8Array | null; headers: Header[] } {
  const headers: Header[] = [];
  for (const [name, property] of properties) {
    const text = property === "contentType" ? delivered.declaredType : delivered[property];
    if (text !== undefined && !(property === "contentType" && text === usual)) headers.push([name, encodeUtf8(text)]);
  }
  if (delivered.priority !== undefined) headers.push([priorityHeader, encodeUtf8(String(delivered.priority))]);
  if (delivered.userId !== undefined) headers.push(["user-id", encodeUtf8(delivered.userId)]);
  let key: Uint8Array | null = null;
  let isNull = false;
  for (const [name, value] of entriesOf(delivered.headers ?? {})) {
    if (name === keyHeader) key = readBytes(value);
    else if (name === nullHeader && value === true) isNull = delivered.body.length === 0;
    else if (name === listHeader || toldElsewhere.has(name)) continue;
    else if (Array.isArray(value) && !brokerStamp.test(name)) {
      for (const each of value) headers.push([name, readBytes(each)]);
    } else headers.push([name, readBytes(value)]);
  }
  return { key, value: isNull ? null : delivered.body, headers };
}

/** Headers as they were written: those that are listed come first. A list that somebody else wrote under that name is none. */
function entriesOf(headers: Readonly<Record<string, unknown>>): (readonly [name: string, value: unknown])[] {
  const entries = Object.entries(headers);
  const text = headers[listHeader];
  if (typeof text !== "string") return entries;
  try {
    const list = readList(JSON.parse(text));
    const names = new Set(list.map(([name]) => name));
    return [...list, ...entries.filter(([name]) => !names.has(name))];
  } catch {
    return entries;
  }
}

/** @throws TypeError for anything else than names and values */
function readList(list: unknown): [name: string, value: unknown][] {
  if (Array.isArray(list) && list.every((each) => Array.isArray(each) && typeof each[0] === "string")) return list;
  throw new TypeError("no list of headers");
}

/** How often it was delivered before: quorum queues count, others only say that it was. */
export function readAttempt({ headers, redelivered }: Delivered & { readonly redelivered: boolean }): number {
  const count = headers?.[countHeader];
  return typeof count === "number" ? count + 1 : redelivered ? 2 : 1;
}

function readBytes(value: unknown): Uint8Array {
  if (typeof value === "string") return encodeUtf8(value);
  if (value instanceof Uint8Array) return value;
  if (value === null || value === undefined) return new Uint8Array();
  if (typeof value !== "object") return encodeUtf8(String(value));
  const { base64 } = value as { base64?: unknown };
  if (typeof base64 === "string" && Object.keys(value).length === 1) return Buffer.from(base64, "base64");
  return encodeUtf8(JSON.stringify(value));
}
