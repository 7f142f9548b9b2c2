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

/**
 * A record as it was fetched. It knows where its key, value and headers stand and reads them when they are asked for, as views into the
 * answer: thousands of records wait in a lane, and what they do not hold the garbage collector does not have to move.
 */
export class FetchedRecord {
  #key: Uint8Array | null | undefined;
  #headers: readonly Header[] | undefined;

  constructor(
    readonly offset: number,
    readonly timestamp: number,
    private readonly of: RecordBytes,
    /** Where its key begins. */
    private readonly at: number,
    /** Bytes of key, value and headers. */
    readonly bytes: number,
  ) {}

  get key(): Uint8Array | null {
    if (this.#key === undefined) this.#key = new Cursor(this.of.bytes, this.at).readBytes();
    return this.#key;
  }

  get value(): Uint8Array | null {
    const cursor = new Cursor(this.of.bytes, this.at);
    cursor.skipBytes();
    return cursor.readBytes();
  }

  /** In their order; a header without a value becomes an empty one. */
  get headers(): readonly Header[] {
    this.#headers ??= this.#readHeaders();
    return this.#headers;
  }

  #readHeaders(): readonly Header[] {
    const { bytes, names } = this.of;
    const cursor = new Cursor(bytes, this.at);
    cursor.skipBytes();
    cursor.skipBytes();
    const count = cursor.readVarint();
    if (count === 0) return none;
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
