import type { IHeaders, Message as KafkaJsMessage, KafkaMessage } from "kafkajs";
import type { Codec } from "../../../flow/codec";
import type { KafkaRecord } from "../../../flow/connection-ports";
import { type Header, Message } from "../../../flow/message";

const encoder = new TextEncoder();
const nothing = new Uint8Array(0);

/** A fetched record as a message of lane `topic/partition`. Its bytes are views into the fetched answer, not copies. */
export function toMessage(record: KafkaMessage, source: string, lane: string, codec: Codec): Message {
  return new Message({
    key: record.key,
    value: record.value,
    headers: toHeaders(record.headers),
    meta: { source, lane, position: record.offset, timestamp: Number(record.timestamp), attempt: 1 },
    codec,
  });
}

/**
 * Headers as an ordered list. kafkajs groups values by name, so names keep the order of their first value and the values of
 * one name keep theirs; a header without a value becomes an empty one.
 */
export function toHeaders(headers: IHeaders | undefined): Header[] {
  const result: Header[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) for (const each of value) result.push([name, toBytes(each)]);
    else result.push([name, toBytes(value)]);
  }
  return result;
}

function toBytes(value: Buffer | string | null | undefined): Uint8Array {
  if (typeof value === "string") return encoder.encode(value);
  return value ?? nothing;
}

/** A record as kafkajs sends it, for a partition already chosen. */
export function toKafkaJs(record: KafkaRecord, partition: number): KafkaJsMessage {
  return {
    key: record.key === null ? null : toBuffer(record.key),
    value: record.value === null ? null : toBuffer(record.value),
    partition,
    ...(record.headers.length === 0 ? {} : { headers: toKafkaJsHeaders(record.headers) }),
    ...(record.timestamp === undefined ? {} : { timestamp: String(record.timestamp) }),
  };
}

function toKafkaJsHeaders(headers: readonly Header[]): IHeaders {
  const result: IHeaders = {};
  for (const [name, value] of headers) {
    const existing = result[name];
    if (existing === undefined) result[name] = toBuffer(value);
    else if (Array.isArray(existing)) existing.push(toBuffer(value));
    else result[name] = [existing, toBuffer(value)];
  }
  return result;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What a record takes on the wire, at most: its parts and the lengths before them. */
export function sizeOf(record: KafkaRecord): number {
  let size = 70 + (record.key?.length ?? 0) + (record.value?.length ?? 0);
  for (const [name, value] of record.headers) size += 20 + name.length * 3 + value.length;
  return size;
}
