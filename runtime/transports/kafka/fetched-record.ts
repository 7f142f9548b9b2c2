import type { Header } from "../../../flow/message";
import { Cursor } from "./varint";

const nothing = new Uint8Array(0);
const none: readonly Header[] = [];

/** The bytes of a batch's records, and the header names that were read from them last. */
export interface RecordBytes {
  readonly bytes: Buffer;
  readonly names: HeaderName[];
}

interface HeaderName {
  readonly start: number;
  readonly length: number;
  readonly text: string;
}

/** A record as it was fetched: its key and value are views into the answer, its headers are decoded when they are asked for. */
export class FetchedRecord {
  constructor(
    readonly offset: number,
    readonly timestamp: number,
    readonly key: Uint8Array | null,
    readonly value: Uint8Array | null,
    private readonly of: RecordBytes,
    private readonly headersAt: number,
  ) {}

  /** In their order; a header without a value becomes an empty one. */
  get headers(): readonly Header[] {
    const { bytes, names } = this.of;
    if (bytes[this.headersAt] === 0) return none;
    const cursor = new Cursor(bytes, this.headersAt);
    const count = cursor.readVarint();
    const headers = new Array<Header>(count);
    for (let index = 0; index < count; index++) {
      const name = readName(cursor, names, index);
      headers[index] = [name, cursor.readBytes() ?? nothing];
    }
    return headers;
  }
}

/** Records of one batch mostly have the same headers: a name that is that of the record before is not decoded again. */
function readName(cursor: Cursor, names: HeaderName[], index: number): string {
  const length = cursor.readVarint();
  const start = cursor.at;
  cursor.at += length;
  const { bytes } = cursor;
  const last = names[index];
  if (last !== undefined && isSame(bytes, last, start, length)) return last.text;
  const text = bytes.toString("utf8", start, start + length);
  names[index] = { start, length, text };
  return text;
}

function isSame(bytes: Uint8Array, name: HeaderName, start: number, length: number): boolean {
  if (name.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (bytes[start + index] !== bytes[name.start + index]) return false;
  }
  return true;
}
