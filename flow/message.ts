import type { Codec, FieldReader } from "./codec";
import { encodeUtf8, type Span } from "./utf8";
import type { Cause } from "./verdict";

/** One header: its name and its raw bytes. A name may occur more than once; order is kept. */
export type Header = readonly [name: string, value: Uint8Array];

/** Where a message came from. `position` is opaque outside its source; `attempt` counts from 1. */
export interface MessageMeta {
  /** Id of the source node. */
  readonly source: string;
  /** One ordered stream inside the source: `orders/2` (topic and partition), a queue's name. */
  readonly lane: string;
  /** Place in the lane: an offset, a job id. */
  readonly position: string;
  /** Milliseconds since the epoch, as the broker or sender stamped it. */
  readonly timestamp: number;
  readonly attempt: number;
  /** Of a message that enters again, parked or from the dead letters: the place by which it is known, and the way that it had gone from there. */
  readonly origin?: {
    readonly lane: string;
    readonly position: string;
    readonly part: string;
    /** A person sends it again. */
    readonly resent: boolean;
  };
}

/** Key, value and headers, one after the other, as a Kafka record (format 2) has them. */
export interface WireParts {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** What a message is made of. A transport may give an object that reads its parts when they are asked for. */
export interface MessageInit {
  readonly key: Uint8Array | null;
  /** `null` is a tombstone; an empty array is an empty value. */
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
  readonly meta: MessageMeta;
  readonly codec: Codec;
  /** Bytes of key and value, where they are known without reading them. */
  readonly bytes?: number;
  /** Its source gives it up: it becomes a dead letter without being worked. */
  readonly givenUp?: Cause | undefined;
  /** As `headerText`, where one header can be had without making them all. */
  header?(name: string): string | undefined;
  /** The key as text, where it can be had without making its bytes. */
  keyText?(): string | null;
  /** All three as they were fetched. */
  wire?(): WireParts;
  /** Where the value stands, where that can be had without a view of it; good until the next is asked for. `null` = a tombstone. */
  valueSpan?(): Span | null;
}

const undecoded = Symbol("undecoded");
/** Looks into its bytes after which a body is decoded instead: for many nodes that is cheaper. */
const mostLooks = 3;
/** The value is still what the message was made of. */
const untouched = Symbol("untouched");
/** The value is to be made of the body. */
const unmade = Symbol("unmade");

/**
 * A message on its way through a flow. Immutable: steps derive new ones.
 * The body is decoded when first read and encoded again only if a step changed it, so unread bytes pass unchanged.
 */
export class Message {
  readonly #parts: MessageInit;
  #value: Uint8Array | null | typeof untouched | typeof unmade = untouched;
  #body: unknown = undecoded;
  #isRemade = false;
  /** How often its bytes were looked through for a field. */
  #looks = 0;

  constructor(parts: MessageInit) {
    this.#parts = parts;
  }

  /** A message made from a decoded body (a job's data, a generated body); its bytes are made when first asked for. */
  static fromBody({ key, headers, meta, codec }: Omit<MessageInit, "value">, body: unknown): Message {
    const message = new Message({ key, value: null, headers, meta, codec });
    message.#remake(body);
    return message;
  }

  get key(): Uint8Array | null {
    return this.#parts.key;
  }

  get headers(): readonly Header[] {
    return this.#parts.headers;
  }

  /** The last header of that name as text, or `undefined`. */
  header(name: string): string | undefined {
    const parts = this.#parts;
    return parts.header ? parts.header(name) : headerText(parts.headers, name);
  }

  /** The key as UTF-8, or `null`. */
  get keyText(): string | null {
    const parts = this.#parts;
    if (parts.keyText) return parts.keyText();
    return parts.key === null ? null : utf8.decode(parts.key);
  }

  /** All of it as it was fetched, while key and headers were not changed; the value is another one where it `isRemade`. */
  get wire(): WireParts | undefined {
    return this.#parts.wire?.();
  }

  /** Was the body changed? */
  get isRemade(): boolean {
    return this.#isRemade;
  }

  get meta(): MessageMeta {
    return this.#parts.meta;
  }

  /** Why its source gives it up. */
  get givenUp(): Cause | undefined {
    return this.#parts.givenUp;
  }

  get codec(): Codec {
    return this.#parts.codec;
  }

  /** The decoded body; `null` for a tombstone. @throws CodecError when the bytes cannot be decoded. */
  get body(): unknown {
    if (this.#body === undecoded) {
      const bytes = this.value;
      this.#body = bytes === null ? null : this.codec.decode(bytes);
    }
    return this.#body;
  }

  /** A field of the body; `undefined` when it has none of that name, which is in ASCII and no property of all objects. @throws CodecError */
  bodyField(name: string): unknown {
    const fields = this.#lookInto();
    if (fields) return fields.read(name);
    const { body } = this;
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  }

  /** The bytes of each item of a list in the body; `undefined` when they are to be had from the body only. */
  bodyItems(name: string): Uint8Array[] | undefined {
    return this.#lookInto()?.readItems(name);
  }

  /** What reads fields, standing on the value; `undefined` when the body is to be decoded. */
  #lookInto(): FieldReader | undefined {
    const { fields } = this.codec;
    if (fields === undefined || this.#body !== undecoded) return undefined;
    const span = this.#spanOfValue();
    if (span === null) return undefined;
    if (fields.isAt(span)) return fields;
    if (this.#looks >= mostLooks) return undefined;
    this.#looks++;
    if (fields.aim(span)) return fields;
    this.#looks = mostLooks;
    return undefined;
  }

  #spanOfValue(): Span | null {
    const parts = this.#parts;
    if (this.#value === untouched && parts.valueSpan) return parts.valueSpan();
    const bytes = this.value;
    return bytes && { bytes, start: 0, end: bytes.length };
  }

  /** The value's bytes, exactly as they came unless a step changed the body. @throws CodecError when the body cannot be encoded. */
  get value(): Uint8Array | null {
    if (this.#value === untouched) this.#value = this.#parts.value;
    else if (this.#value === unmade) this.#value = this.#body === null ? null : this.codec.encode(this.#body);
    return this.#value as Uint8Array | null;
  }

  /** Bytes that its key and value hold now, for limits on what is in flight; a body whose bytes were not made yet counts as none. */
  get heldBytes(): number {
    if (this.#value === untouched && this.#parts.bytes !== undefined) return this.#parts.bytes;
    return (this.key?.length ?? 0) + (this.#value === unmade ? 0 : (this.value?.length ?? 0));
  }

  /** The same message with another body. */
  withBody(body: unknown): Message {
    const next = new Message(this.#parts);
    next.#remake(body);
    return next;
  }

  /** The same message with fields of its body set, in bytes; `undefined` when it takes a body to do so. @throws CodecError */
  withFields(names: readonly string[], values: readonly unknown[]): Message | undefined {
    const bytes = this.#lookInto()?.write(names, values);
    return bytes && this.withValue(bytes);
  }

  /** The same message with another value, in the same codec, and maybe with other headers. */
  withValue(value: Uint8Array, headers?: readonly Header[]): Message {
    const { key, meta, codec } = this;
    const next = new Message(headers === undefined ? this.#parts : { key, value: null, headers, meta, codec });
    next.#value = value;
    next.#isRemade = true;
    return next;
  }

  #remake(body: unknown): void {
    this.#value = unmade;
    this.#body = body;
    this.#isRemade = true;
  }

  /** The same message with other headers, key, meta or codec; the value's bytes (or body) are carried over untouched. */
  with(change: Partial<Pick<MessageInit, "key" | "headers" | "meta" | "codec" | "givenUp">>): Message {
    const next = new Message({
      key: change.key === undefined ? this.key : change.key,
      value: this.#value === untouched ? this.#parts.value : null,
      headers: change.headers ?? this.headers,
      meta: change.meta ?? this.meta,
      codec: change.codec ?? this.codec,
      givenUp: change.givenUp ?? this.givenUp,
    });
    next.#value = this.#value;
    next.#body = this.#body;
    next.#isRemade = this.#isRemade;
    return next;
  }
}

const utf8 = new TextDecoder();

/** The last header of that name as text, or `undefined`. */
export function headerText(headers: readonly Header[], name: string): string | undefined {
  for (let index = headers.length - 1; index >= 0; index--) {
    const header = headers[index]!;
    if (header[0] === name) return utf8.decode(header[1]);
  }
  return undefined;
}

/** The headers with every header of that name replaced by one, at the end. */
export function setHeader(headers: readonly Header[], name: string, value: string): Header[] {
  return [...headers.filter(([existing]) => existing !== name), [name, encodeUtf8(value)]];
}
