import type { KafkaRecord } from "../../../flow/connection-ports";
import type { WireParts } from "../../../flow/message";
import { readAt, sizeOfVarint, writeVarint, writeVarlong } from "./varint";

/** Fields of a record that are not its key, value and headers: lengths, timestamp, offset, attributes. */
const fixedBytes = 40;
const headerBytes = 10;
const usualLengthBytes = 2;
/** Below this, a loop copies faster than the engine's own copying. */
const shortBytes = 16;

/** What a record takes on the wire, at most. */
export function sizeOf(record: KafkaRecord): number {
  const { wire, isRemade } = record;
  if (wire !== undefined) return fixedBytes + wire.end - wire.start + (isRemade ? (record.value?.length ?? 0) : 0);
  const { key, value, headers } = record;
  let size = fixedBytes + (key === null ? 0 : key.length) + (value === null ? 0 : value.length);
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index]!;
    size += headerBytes + header[0].length * 3 + header[1].length;
  }
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
    const record = records[index]!;
    // The length stands in front and is known last: most records need two bytes for it, so most are not moved.
    const body = at + usualLengthBytes;
    target[body] = 0;
    let end = writeVarlong(target, body + 1, (record.timestamp ?? now) - base);
    end = writeVarint(target, end, index);
    end = writeParts(target, end, record);
    const size = end - body;
    const lengthBytes = sizeOfVarint(size);
    if (lengthBytes !== usualLengthBytes) target.copyWithin(at + lengthBytes, body, end);
    at = writeVarint(target, at, size) + size;
  }
  return at;
}

function writeParts(target: Buffer, start: number, record: KafkaRecord): number {
  const { wire, isRemade } = record;
  if (wire !== undefined)
    return isRemade ? writeBetween(target, start, record.value, wire) : copyParts(target, start, wire);
  const { key, value, headers } = record;
  let end = writeBytes(target, start, key);
  end = writeBytes(target, end, value);
  end = writeVarint(target, end, headers.length);
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index]!;
    end = writeBytes(target, end, encodeName(header[0]));
    end = writeBytes(target, end, header[1]);
  }
  return end;
}

function copyParts(target: Buffer, at: number, { bytes, start, end }: WireParts): number {
  return at + (bytes as Buffer).copy(target, at, start, end);
}

/** Writes another value between key and headers as they were fetched. */
function writeBetween(target: Buffer, at: number, value: Uint8Array | null, { bytes, start, end }: WireParts): number {
  const cursor = readAt(bytes as Buffer, start);
  cursor.skipBytes();
  const valueAt = writeBytes(target, copyParts(target, at, { bytes, start, end: cursor.at }), value);
  cursor.skipBytes();
  return copyParts(target, valueAt, { bytes, start: cursor.at, end });
}

/** Writes bytes with their length before them and answers the place after them. */
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
