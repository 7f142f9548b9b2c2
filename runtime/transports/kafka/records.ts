import type { Codec } from "../../../flow/codec";
import { Message } from "../../../flow/message";
import type { FetchedRecord } from "./fetched-record";

/** A fetched record as a message of lane `topic/partition`. Its bytes are views into the fetched answer, not copies. */
export function toMessage(record: FetchedRecord, source: string, lane: string, codec: Codec): Message {
  const { key, value, headers, offset, timestamp } = record;
  return new Message({
    key,
    value,
    headers,
    meta: { source, lane, position: String(offset), timestamp, attempt: 1 },
    codec,
  });
}
