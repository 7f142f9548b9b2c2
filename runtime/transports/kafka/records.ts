import type { Codec } from "../../../flow/codec";
import { type Header, Message, type MessageInit, type MessageMeta } from "../../../flow/message";
import type { FetchedRecord } from "./fetched-record";

/** The lane that records come from, and what their values are. */
export interface RecordOrigin {
  readonly source: string;
  readonly lane: string;
  readonly codec: Codec;
}

/** A fetched record as a message of its lane. It is taken apart where a node asks for a part. */
export function toMessage(record: FetchedRecord, origin: RecordOrigin): Message {
  return new Message(new RecordParts(record, origin));
}

class RecordParts implements MessageInit {
  readonly #record: FetchedRecord;
  readonly #origin: RecordOrigin;
  #meta: MessageMeta | undefined;

  constructor(record: FetchedRecord, origin: RecordOrigin) {
    this.#record = record;
    this.#origin = origin;
  }

  get key(): Uint8Array | null {
    return this.#record.key;
  }

  get value(): Uint8Array | null {
    return this.#record.value;
  }

  get headers(): readonly Header[] {
    return this.#record.headers;
  }

  get bytes(): number {
    return this.#record.bytes;
  }

  get codec(): Codec {
    return this.#origin.codec;
  }

  get meta(): MessageMeta {
    if (this.#meta === undefined) {
      const { offset, timestamp } = this.#record;
      const { source, lane } = this.#origin;
      this.#meta = { source, lane, position: String(offset), timestamp, attempt: 1 };
    }
    return this.#meta;
  }
}
