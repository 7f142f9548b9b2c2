import { findMatches } from "./matches";

/** As snappy-java does, whose framing this is: Java reads blocks of any size, and small ones keep distances short. */
const blockBytes = 32 * 1024;
/** Magic, version, oldest compatible version. */
const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
const longestCopy = 64;

/** Compresses into the framing of xerial's snappy-java, as Java producers do. */
export function compressSnappy(input: Buffer): Buffer {
  const blocks = Math.ceil(input.length / blockBytes);
  const output = Buffer.allocUnsafe(header.length + input.length + Math.ceil(input.length / 6) + blocks * 48);
  let at = header.copy(output);
  for (let start = 0; start < input.length; start += blockBytes) {
    const end = Math.min(start + blockBytes, input.length);
    const after = writeBlock(input, start, end, output, at + 4);
    output.writeUInt32BE(after - at - 4, at);
    at = after;
  }
  return output.subarray(0, at);
}

function writeBlock(input: Buffer, start: number, end: number, output: Buffer, from: number): number {
  let at = writeLength(output, from, end - start);
  const rest = findMatches(input, start, end - 4, end, (literalStart, matchStart, offset, length) => {
    at = writeLiteral(input, literalStart, matchStart, output, at);
    at = writeCopy(output, at, offset, length);
  });
  return writeLiteral(input, rest, end, output, at);
}

function writeLength(output: Buffer, start: number, length: number): number {
  let at = start;
  let rest = length;
  while (rest > 0x7f) {
    output[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  output[at++] = rest;
  return at;
}

function writeLiteral(input: Buffer, start: number, end: number, output: Buffer, from: number): number {
  const length = end - start;
  if (length === 0) return from;
  let at = from;
  if (length <= 60) {
    output[at++] = (length - 1) << 2;
  } else {
    const bytes = length <= 0x100 ? 1 : 2;
    output[at++] = (59 + bytes) << 2;
    at = output.writeUIntLE(length - 1, at, bytes);
  }
  return at + input.copy(output, at, start, end);
}

function writeCopy(output: Buffer, start: number, offset: number, length: number): number {
  let at = start;
  for (let rest = length; rest > 0; rest -= longestCopy) {
    output[at++] = ((Math.min(rest, longestCopy) - 1) << 2) | 2;
    output[at++] = offset & 0xff;
    output[at++] = offset >>> 8;
  }
  return at;
}
