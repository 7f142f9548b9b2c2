/** LZ4 frames, decompression only: what Java producers write as `compression.type=lz4`. */

import { copyWithin } from "./snappy";

const magic = 0x184d2204;
const minMatch = 4;
const blockMaxBytes: Readonly<Record<number, number>> = {
  4: 64 * 1024,
  5: 256 * 1024,
  6: 1024 * 1024,
  7: 4 * 1024 * 1024,
};

/** Decompresses one frame. Its checksums are not checked: Kafka's batch has its own. @throws RangeError */
export function decompressLz4(input: Buffer): Buffer {
  if (input.readUInt32LE(0) !== magic) throw new RangeError("lz4: not a frame");
  const flags = input.readUInt8(4);
  const blockMax = blockMaxBytes[(input.readUInt8(5) >>> 4) & 7];
  if (blockMax === undefined) throw new RangeError("lz4: unknown block size");
  const hasBlockChecksum = (flags & 0x10) !== 0;
  const hasContentSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  if (hasDictionary) throw new RangeError("lz4: a dictionary is needed");
  let at = 6 + (hasContentSize ? 8 : 0) + 1;
  // Blocks may refer to earlier ones, so all of them grow in one buffer.
  let output = Buffer.allocUnsafe(blockMax);
  let end = 0;
  for (;;) {
    const size = input.readUInt32LE(at);
    at += 4;
    if (size === 0) return output.subarray(0, end);
    const length = size & 0x7fffffff;
    const block = input.subarray(at, at + length);
    if (block.length < length) throw new RangeError("lz4: a block is cut off");
    if (end + blockMax > output.length) {
      const larger = Buffer.allocUnsafe((end + blockMax) * 2);
      output.copy(larger, 0, 0, end);
      output = larger;
    }
    if (size >>> 31 === 1) {
      block.copy(output, end);
      end += length;
    } else {
      end = decompressBlock(block, output, end);
    }
    at += length + (hasBlockChecksum ? 4 : 0);
  }
}

function decompressBlock(input: Buffer, output: Buffer, start: number): number {
  let at = 0;
  let end = start;
  const readLength = (nibble: number): number => {
    let length = nibble;
    if (nibble === 15) {
      let byte: number;
      do {
        byte = input.readUInt8(at++);
        length += byte;
      } while (byte === 255);
    }
    return length;
  };
  while (at < input.length) {
    const token = input[at++]!;
    const literals = readLength(token >>> 4);
    if (at + literals > input.length || end + literals > output.length)
      throw new RangeError("lz4: a literal is too long");
    input.copy(output, end, at, at + literals);
    at += literals;
    end += literals;
    // The last sequence of a block has literals only.
    if (at >= input.length) break;
    const offset = input.readUInt16LE(at);
    at += 2;
    end = copyWithin(output, end, offset, readLength(token & 15) + minMatch);
  }
  return end;
}
