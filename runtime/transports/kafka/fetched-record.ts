import type { Header, WireParts } from "../../../flow/message";
import { fewCharacters, readFewCharacters, type Span } from "../../../flow/utf8";
import type { RecordBatch } from "./record-batch";
import { type Cursor, readAt } from "./varint";

const nothing = new Uint8Array(0);
const none: readonly Header[] = [];
const utf8 = new TextDecoder();
/** The same for everybody, as one for each record would be thrown away at once. */
const span: { bytes: Uint8Array; start: number; end: number } = { bytes: nothing, start: 0, end: 0 };

/** A header's name, and where it stands. */
export interface HeaderName {
  readonly start: number;
  readonly length: number;
  readonly text: string;
}

/**
 * A record as it was fetched. It knows where it stands in its batch and reads a part each time it is asked for, as a view into the
 * answer: what it does not hold the garbage collector does not have to move.
 */
export class FetchedRecord {
  constructor(
    private readonly of: RecordBatch,
    /** Where it begins, after its length and attributes. */
    private readonly at: number,
    /** Bytes from there on: key, value, headers, and a few more. */
    readonly bytes: number,
  ) {}

  get offset(): number {
    const cursor = this.#toStart();
    cursor.skipVarint();
    return this.of.head.baseOffset + cursor.readVarint();
  }

  /** Milliseconds since the epoch. */
  get timestamp(): number {
    const { baseTimestamp, appendTime } = this.of.head;
    return appendTime ?? baseTimestamp + this.#toStart().readVarlong();
  }

  get key(): Uint8Array | null {
    return this.#toKey().readBytes();
  }

  keyText(): string | null {
    return readText(this.#toKey());
  }

  get value(): Uint8Array | null {
    const cursor = this.#toKey();
    cursor.skipBytes();
    return cursor.readBytes();
  }

  valueSpan(): Span | null {
    const cursor = this.#toKey();
    cursor.skipBytes();
    const length = cursor.readVarint();
    if (length < 0) return null;
    span.bytes = cursor.bytes;
    span.start = cursor.at;
    span.end = cursor.at + length;
    return span;
  }

  /** In their order; a header without a value becomes an empty one. */
  get headers(): readonly Header[] {
    const { names } = this.of;
    const cursor = this.#toHeaders();
    const count = cursor.readVarint();
    if (count === 0) return none;
    const headers = new Array<Header>(count);
    for (let index = 0; index < count; index++) {
      const name = readName(cursor, names, index);
      headers[index] = [name, cursor.readBytes() ?? nothing];
    }
    return headers;
  }

  /** The last header of that name as text, without making the others. */
  header(name: string): string | undefined {
    const cursor = this.#toHeaders();
    let found = -1;
    const end = this.at + this.bytes;
    for (let count = cursor.readVarint(); count > 0 && cursor.at < end; count--) {
      const length = cursor.readVarint();
      const start = cursor.at;
      cursor.at += length;
      if (isText(cursor.bytes, start, length, name)) found = cursor.at;
      cursor.skipBytes();
    }
    if (found < 0) return undefined;
    cursor.at = found;
    return readText(cursor) ?? "";
  }

  wire(): WireParts {
    return { bytes: this.of.bytes, start: this.#toKey().at, end: this.at + this.bytes };
  }

  #toStart(): Cursor {
    return readAt(this.of.bytes, this.at);
  }

  #toKey(): Cursor {
    const cursor = this.#toStart();
    // Its timestamp and its offset.
    cursor.skipVarint();
    cursor.skipVarint();
    return cursor;
  }

  #toHeaders(): Cursor {
    const cursor = this.#toKey();
    cursor.skipBytes();
    cursor.skipBytes();
    return cursor;
  }
}

/** Most keys and headers are short and ASCII: those are read without a view on them. */
function readText(cursor: Cursor): string | null {
  const { bytes, at } = cursor;
  const length = cursor.readVarint();
  const start = cursor.at;
  if (isAscii(bytes, start, length)) {
    if (length <= fewCharacters) return readFewCharacters(bytes, start, start + length);
    return bytes.toString("latin1", start, start + length);
  }
  cursor.at = at;
  const view = cursor.readBytes();
  return view && utf8.decode(view);
}

const shortBytes = 64;

/** `false` also for what is long, or absent. */
function isAscii(bytes: Buffer, start: number, length: number): boolean {
  if (length < 0 || length > shortBytes) return false;
  for (let index = start; index < start + length; index++) if (bytes[index]! > 0x7f) return false;
  return true;
}

/** Do the bytes spell the name? One that is not ASCII is compared as text. */
function isText(bytes: Buffer, start: number, length: number, name: string): boolean {
  if (length < name.length) return false;
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (code > 0x7f) return bytes.toString("utf8", start, start + length) === name;
    if (bytes[start + index] !== code) return false;
  }
  return length === name.length;
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
