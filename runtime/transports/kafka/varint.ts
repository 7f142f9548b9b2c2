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

/** Of a number that is not negative: what stands between timestamps may be wider than 32 bits. */
export function sizeOfVarlong(value: number): number {
  if (value < 0x40000000) return sizeOfVarint(value);
  let size = 1;
  for (let bits = value * 2; bits > 0x7f; bits = Math.floor(bits / 0x80)) size++;
  return size;
}

/** Writes a number that is not negative and answers the place after it. */
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
