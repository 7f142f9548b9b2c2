/** Kafka's numbers of variable length: zig-zag, seven bits a byte, the lowest first. */

export function sizeOfVarint(value: number): number {
  const bits = ((value << 1) ^ (value >> 31)) >>> 0;
  if (bits < 0x80) return 1;
  if (bits < 0x4000) return 2;
  if (bits < 0x200000) return 3;
  return bits < 0x10000000 ? 4 : 5;
}

/** Writes a 32-bit number and answers the place after it. */
export function writeVarint(target: Uint8Array, start: number, value: number): number {
  let at = start;
  let bits = ((value << 1) ^ (value >> 31)) >>> 0;
  while (bits > 0x7f) {
    target[at++] = (bits & 0x7f) | 0x80;
    bits >>>= 7;
  }
  target[at++] = bits;
  return at;
}

/** Writes a number that is not negative, and may be wider than 32 bits, as what lies between timestamps. Answers the place after it. */
export function writeVarlong(target: Uint8Array, start: number, value: number): number {
  if (value < 0x40000000) return writeVarint(target, start, value);
  let at = start;
  let bits = value * 2;
  while (bits > 0x7f) {
    target[at++] = (bits % 0x80) | 0x80;
    bits = Math.floor(bits / 0x80);
  }
  target[at++] = bits;
  return at;
}

/** Reads numbers and bytes one after the other. */
export class Cursor {
  constructor(
    public bytes: Buffer,
    public at: number,
  ) {}

  readVarint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++]!;
    let bits = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = bytes[this.at++]!;
      bits |= (byte & 0x7f) << shift;
    }
    return (bits >>> 1) ^ -(bits & 1);
  }

  /** Exact up to 2^52. */
  readVarlong(): number {
    const { bytes } = this;
    let byte = bytes[this.at++]!;
    let bits = byte & 0x7f;
    for (let scale = 0x80; byte > 0x7f; scale *= 0x80) {
      byte = bytes[this.at++]!;
      bits += (byte & 0x7f) * scale;
    }
    return bits % 2 === 0 ? bits / 2 : -(bits + 1) / 2;
  }

  /** Passes over a number of any width. */
  skipVarint(): void {
    while (this.bytes[this.at++]! > 0x7f);
  }

  /** Passes over bytes and the length before them. */
  skipBytes(): void {
    const length = this.readVarint();
    if (length > 0) this.at += length;
  }

  /** A view of the bytes that stand here, after their length; `null` where there are none. */
  readBytes(): Uint8Array | null {
    const length = this.readVarint();
    if (length < 0) return null;
    const view = new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + this.at, length);
    this.at += length;
    return view;
  }
}

const shared = new Cursor(Buffer.alloc(0), 0);

/** A cursor for a few parts that are read in one go: the same for everybody, as one for each record would be thrown away at once. */
export function readAt(bytes: Buffer, at: number): Cursor {
  shared.bytes = bytes;
  shared.at = at;
  return shared;
}
