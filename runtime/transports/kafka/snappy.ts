/** Snappy, decompression only: what Java producers write as `compression.type=snappy`. */

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** Magic, version, compatible version. */
const xerialHeaderLength = 16;

/** Decompresses raw snappy, or the framing of xerial's snappy-java: blocks with their lengths before them. @throws RangeError */
export function decompressSnappy(input: Buffer): Buffer {
  if (!input.subarray(0, xerialMagic.length).equals(xerialMagic)) return decompressBlock(input);
  const blocks: Buffer[] = [];
  for (let at = xerialHeaderLength; at < input.length; ) {
    const length = input.readUInt32BE(at);
    at += 4;
    if (at + length > input.length) throw new RangeError("snappy: a block is cut off");
    blocks.push(decompressBlock(input.subarray(at, at + length)));
    at += length;
  }
  return Buffer.concat(blocks);
}

function decompressBlock(input: Buffer): Buffer {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = input[at++];
    if (byte === undefined || shift > 28) throw new RangeError("snappy: no length");
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const output = Buffer.allocUnsafe(length >>> 0);
  let end = 0;
  while (at < input.length) {
    const tag = input[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      let count = (tag >>> 2) + 1;
      if (count > 60) {
        const bytes = count - 60;
        count = input.readUIntLE(at, bytes) + 1;
        at += bytes;
      }
      if (at + count > input.length || end + count > output.length)
        throw new RangeError("snappy: a literal is too long");
      input.copy(output, end, at, at + count);
      at += count;
      end += count;
      continue;
    }
    let count: number;
    let offset: number;
    if (kind === 1) {
      count = ((tag >>> 2) & 7) + 4;
      offset = ((tag >>> 5) << 8) | input.readUInt8(at);
      at += 1;
    } else {
      const bytes = kind === 2 ? 2 : 4;
      count = (tag >>> 2) + 1;
      offset = input.readUIntLE(at, bytes);
      at += bytes;
    }
    end = copyWithin(output, end, offset, count);
  }
  if (end !== output.length) throw new RangeError("snappy: less than was promised");
  return output;
}

/** Repeats what stands `offset` before the end; it may run into what it writes, so byte by byte when they overlap. */
export function copyWithin(output: Buffer, end: number, offset: number, count: number): number {
  const start = end - offset;
  if (offset === 0 || start < 0 || end + count > output.length) throw new RangeError("a copy points outside");
  if (offset >= count) output.copy(output, end, start, start + count);
  else for (let index = 0; index < count; index++) output[end + index] = output[start + index]!;
  return end + count;
}
