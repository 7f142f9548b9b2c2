import type { IHeaders, KafkaMessage } from "kafkajs";
import type { Codec } from "../../../flow/codec";
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
