import { findMatches } from "./matches";

const blockBytes = 64 * 1024;
/**
 * Magic; version 1 with independent blocks, which is all that Java takes, and no checksums; blocks of 64 KB; and the checksum of
 * those two bytes, which are always the same.
 */
const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
const storedFlag = 0x80000000;
const minMatch = 4;
/** The format wants a block's last five bytes as literals, and no match that begins in the last twelve. */
const lastLiterals = 5;
const lastStart = 12;

/** Compresses into one LZ4 frame. */
export function compressLz4(input: Buffer): Buffer {
  const blocks = Math.ceil(input.length / blockBytes);
  const output = Buffer.allocUnsafe(header.length + input.length + Math.ceil(input.length / 255) + blocks * 20 + 4);
  let at = header.copy(output);
  for (let start = 0; start < input.length; start += blockBytes) {
    const end = Math.min(start + blockBytes, input.length);
    const after = writeBlock(input, start, end, output, at + 4);
    const length = after - at - 4;
    if (length < end - start) {
      output.writeUInt32LE(length, at);
      at = after;
    } else {
      output.writeUInt32LE((storedFlag + end - start) >>> 0, at);
      at += 4 + input.copy(output, at + 4, start, end);
    }
  }
  return output.subarray(0, output.writeUInt32LE(0, at));
}

function writeBlock(input: Buffer, start: number, end: number, output: Buffer, from: number): number {
  let at = from;
  const rest = findMatches(input, start, end - lastStart, end - lastLiterals, (literal, match, offset, length) => {
    at = writeLiterals(input, literal, match, output, at, Math.min(length - minMatch, 15));
    output[at++] = offset & 0xff;
    output[at++] = offset >>> 8;
    if (length - minMatch >= 15) at = writeLength(output, at, length - minMatch - 15);
  });
  return writeLiterals(input, rest, end, output, at, 0);
}

/** A token, its literals, and what of their length does not fit into it. */
function writeLiterals(input: Buffer, start: number, end: number, output: Buffer, from: number, match: number): number {
  const length = end - start;
  let at = from;
  output[at++] = (Math.min(length, 15) << 4) | match;
  if (length >= 15) at = writeLength(output, at, length - 15);
  return at + input.copy(output, at, start, end);
}

function writeLength(output: Buffer, start: number, length: number): number {
  let at = start;
  let rest = length;
  for (; rest >= 255; rest -= 255) output[at++] = 255;
  output[at++] = rest;
  return at;
}
