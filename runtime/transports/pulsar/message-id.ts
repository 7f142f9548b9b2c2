import type { MessageId } from "./seam";

/** Before the first message of a topic. */
export const beforeAll: MessageId = { ledger: -1n, entry: -1n, partition: -1 };

/** As Pulsar's own tools write it: `12:5:-1`, within a batch `12:5:-1:0`. */
export function formatMessageId({ ledger, entry, partition, batchIndex }: MessageId): string {
  return `${ledger}:${entry}:${partition}${batchIndex === undefined ? "" : `:${batchIndex}`}`;
}

/** Reads the serialized form (base64 of Pulsar's protobuf `MessageIdData`). */
export function readMessageId(base64: string): MessageId {
  const bytes = Buffer.from(base64, "base64");
  const fields: (bigint | undefined)[] = [];
  for (let at = 0; at < bytes.length; ) {
    let tag: bigint;
    [tag, at] = readVarint(bytes, at);
    // All that is known here are varints; what comes later in a newer Pulsar is not needed.
    if ((tag & 7n) !== 0n) break;
    let value: bigint;
    [value, at] = readVarint(bytes, at);
    fields[Number(tag >> 3n)] = value;
  }
  const batchIndex = fields[4] === undefined ? -1 : Number(BigInt.asIntN(32, fields[4]));
  return {
    ledger: fields[1] ?? 0n,
    entry: fields[2] ?? 0n,
    partition: fields[3] === undefined ? -1 : Number(BigInt.asIntN(32, fields[3])),
    ...(batchIndex < 0 ? {} : { batchIndex }),
  };
}

/** In the serialized form. */
export function writeMessageId({ ledger, entry, partition, batchIndex }: MessageId): string {
  const bytes = [
    ...[0x08, ...writeVarint(BigInt.asUintN(64, ledger))],
    ...[0x10, ...writeVarint(BigInt.asUintN(64, entry))],
    ...(partition < 0 ? [] : [0x18, ...writeVarint(BigInt(partition))]),
    ...(batchIndex === undefined ? [] : [0x20, ...writeVarint(BigInt(batchIndex))]),
  ];
  return Buffer.from(bytes).toString("base64");
}

export function readVarint(bytes: Uint8Array, start: number): [value: bigint, end: number] {
  let value = 0n;
  let at = start;
  for (let shift = 0n; at < bytes.length; shift += 7n) {
    const byte = bytes[at++]!;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return [value, at];
}

function writeVarint(number: bigint): number[] {
  const bytes: number[] = [];
  let rest = number;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
