import type { Codec } from "../../../flow/codec";
import { Message, type MessageInit, type MessageMeta } from "../../../flow/message";
import { FetchedRecord } from "./fetched-record";
import type { MakeOfRecord, RecordBatch } from "./record-batch";

/** The lane that records come from, and what their values are. */
export interface RecordOrigin {
  readonly source: string;
  readonly lane: string;
  readonly codec: Codec;
}

/** Makes fetched records messages of their lane. They are taken apart where a node asks for a part. */
export function makeMessages(origin: RecordOrigin): MakeOfRecord<Message> {
  return (batch, at, bytes) => new Message(new RecordParts(origin, batch, at, bytes));
}

class RecordParts extends FetchedRecord implements MessageInit {
  readonly #origin: RecordOrigin;

  constructor(origin: RecordOrigin, batch: RecordBatch, at: number, bytes: number) {
    super(batch, at, bytes);
    this.#origin = origin;
  }

  get codec(): Codec {
    return this.#origin.codec;
  }

  get meta(): MessageMeta {
    const { source, lane } = this.#origin;
    return { source, lane, position: String(this.offset), timestamp: this.timestamp, attempt: 1 };
  }
}
