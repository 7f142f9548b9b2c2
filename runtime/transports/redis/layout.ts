import type { Codec } from "../../../flow/codec";
import { CodecError } from "../../../flow/codec";
import { jsonCodec } from "../../../flow/codecs/json";
import type { StreamEntry, StreamLayout } from "../../../flow/connections/redis-stream-port";
import type { Header, MessageInit, MessageMeta } from "../../../flow/message";
import type { Cause } from "../../../flow/verdict";
import { writeText } from "../text-or-bytes";

/** A name or a value of an entry as the client takes it. */
export type FieldPart = string | Buffer;

const keyName = Buffer.from("key");
const valueName = Buffer.from("value");
const tombstoneName = Buffer.from("tombstone");
const headerPrefix = Buffer.from("header:");

/** The fields of an entry, name and value by turns; never none, as Redis takes no entry without fields. @throws CodecError */
export function writeFields({ key, value, headers }: StreamEntry, layout: StreamLayout): FieldPart[] {
  if (layout === "fields") return writeMembers(value);
  const fields: FieldPart[] = [];
  if (key !== null) fields.push("key", toBuffer(key));
  if (value !== null) fields.push("value", toBuffer(value));
  else fields.push("tombstone", "1");
  for (const [name, bytes] of headers) fields.push(`header:${name}`, toBuffer(bytes));
  return fields;
}

function writeMembers(value: Uint8Array | null): FieldPart[] {
  const body = value === null ? null : jsonCodec.decode(value);
  if (typeof body !== "object" || body === null || Array.isArray(body) || Object.keys(body).length === 0) {
    throw new CodecError("codec-encode", "Only a JSON object with members has fields to write.");
  }
  return Object.entries(body).flatMap(([name, member]): FieldPart[] => [
    name,
    typeof member === "string" ? member : toBuffer(jsonCodec.encode(member)),
  ]);
}

/** An entry as it was read: its parts are looked at when they are asked for. */
export class EntryParts implements MessageInit {
  readonly bytes: number;
  /** Whether the fields are what `writeFields` makes of a message. */
  readonly #isMessage: boolean;
  #value: Uint8Array | null | undefined;

  constructor(
    readonly fields: readonly Buffer[],
    layout: StreamLayout,
    readonly meta: MessageMeta,
    readonly codec: Codec,
    readonly givenUp?: Cause,
  ) {
    let bytes = 0;
    for (const part of fields) bytes += part.length;
    this.bytes = bytes;
    this.#isMessage = layout === "message" && isMessage(fields);
  }

  get key(): Buffer | null {
    return this.#isMessage ? (this.#find(keyName) ?? null) : null;
  }

  get value(): Uint8Array | null {
    if (this.#value === undefined)
      this.#value = this.#isMessage ? (this.#find(valueName) ?? null) : readMembers(this.fields);
    return this.#value;
  }

  get headers(): Header[] {
    const headers: Header[] = [];
    if (!this.#isMessage) return headers;
    for (let at = 0; at < this.fields.length; at += 2) {
      const name = this.fields[at]!;
      if (isHeader(name)) headers.push([name.toString("utf8", headerPrefix.length), this.fields[at + 1]!]);
    }
    return headers;
  }

  #find(name: Buffer): Buffer | undefined {
    for (let at = 0; at < this.fields.length; at += 2) if (this.fields[at]!.equals(name)) return this.fields[at + 1];
    return undefined;
  }
}

/** Has it a value or a tombstone, and nothing that is not the message's? What else is there would be lost. */
function isMessage(fields: readonly Buffer[]): boolean {
  let keys = 0;
  let values = 0;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at]!;
    if (name.equals(valueName) || name.equals(tombstoneName)) values++;
    else if (name.equals(keyName)) keys++;
    else if (!isHeader(name)) return false;
  }
  return values === 1 && keys <= 1;
}

function isHeader(name: Buffer): boolean {
  return (
    name.length >= headerPrefix.length &&
    name.compare(headerPrefix, 0, headerPrefix.length, 0, headerPrefix.length) === 0
  );
}

/** All fields as a JSON object: a name that comes again makes a list, bytes that are no text are `{"base64": …}`. */
function readMembers(fields: readonly Buffer[]): Uint8Array {
  const members = new Map<string, unknown>();
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at]!.toString("utf8");
    const value = writeText(fields[at + 1]!);
    const before = members.get(name);
    if (!members.has(name)) members.set(name, value);
    else if (Array.isArray(before)) before.push(value);
    else members.set(name, [before, value]);
  }
  return Buffer.from(
    `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`,
  );
}

/** Milliseconds since the epoch that an entry's id begins with. */
export function readTime(id: string): number {
  return Number(id.slice(0, id.indexOf("-")));
}

export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
