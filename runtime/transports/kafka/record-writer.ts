import type { KafkaRecord } from "../../../flow/connection-ports";
import type { Header } from "../../../flow/message";
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from "./varint";

/** Fields of a record that are not its key, value and headers: lengths, timestamp, offset, attributes. */
const fixedBytes = 40;
const headerBytes = 10;
/** Below this, a loop copies faster than the engine's own copying. */
const shortBytes = 16;

/** What a record takes on the wire, at most. */
export function sizeOf({ key, value, headers }: KafkaRecord): number {
  let size = fixedBytes + (key === null ? 0 : key.length) + (value === null ? 0 : value.length);
  for (const [name, content] of headers) size += headerBytes + name.length * 3 + content.length;
  return size;
}

/**
 * Writes the records of a batch (format 2) one after the other, and answers the place after the last. `base` is the earliest of
 * their timestamps; one without a timestamp gets `now`.
 */
export function writeRecords(
  target: Buffer,
  start: number,
  records: readonly KafkaRecord[],
  base: number,
  now: number,
): number {
  let at = start;
  for (let index = 0; index < records.length; index++) {
    const { key, value, headers, timestamp } = records[index]!;
    const sinceBase = (timestamp ?? now) - base;
    const size =
      1 +
      sizeOfVarlong(sinceBase) +
      sizeOfVarint(index) +
      sizeOfBytes(key) +
      sizeOfBytes(value) +
      sizeOfHeaders(headers);
    at = writeVarint(target, at, size);
    target[at++] = 0;
    at = writeVarlong(target, at, sinceBase);
    at = writeVarint(target, at, index);
    at = writeBytes(target, at, key);
    at = writeBytes(target, at, value);
    at = writeVarint(target, at, headers.length);
    for (const [name, content] of headers) {
      at = writeBytes(target, at, encodeName(name));
      at = writeBytes(target, at, content);
    }
  }
  return at;
}

function sizeOfBytes(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length;
}

function sizeOfHeaders(headers: readonly Header[]): number {
  let size = sizeOfVarint(headers.length);
  for (const [name, content] of headers) size += sizeOfBytes(encodeName(name)) + sizeOfBytes(content);
  return size;
}

function writeBytes(target: Buffer, start: number, bytes: Uint8Array | null): number {
  if (bytes === null) return writeVarint(target, start, -1);
  const { length } = bytes;
  const at = writeVarint(target, start, length);
  if (length < shortBytes) for (let index = 0; index < length; index++) target[at + index] = bytes[index]!;
  else target.set(bytes, at);
  return at + length;
}

const encoder = new TextEncoder();
const rememberedNames = 1_000;
const names = new Map<string, Uint8Array>();

/** The bytes of a header's name: few names come again and again. */
function encodeName(name: string): Uint8Array {
  let bytes = names.get(name);
  if (bytes === undefined) {
    bytes = encoder.encode(name);
    if (names.size === rememberedNames) names.clear();
    names.set(name, bytes);
  }
  return bytes;
}
