import type { WireParts } from "../../../flow/message";
import { readAt } from "./varint";

const seed = 0x9747b28c | 0;
const m = 0x5bd1e995;
const r = 24;

/** Kafka's murmur2 of some bytes, as the Java client has it: a signed 32-bit integer. */
export function murmur2(bytes: Uint8Array, start = 0, length = bytes.length - start): number {
  const end = start + length;
  let h = seed ^ length;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> r;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = end - at;
  if (rest >= 3) h ^= bytes[at + 2]! << 16;
  if (rest >= 2) h ^= bytes[at + 1]! << 8;
  if (rest >= 1) h = Math.imul(h ^ bytes[at]!, m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  return h ^ (h >>> 15);
}

/** The partition that Java's default partitioner gives a key. An empty key is a key; only an absent one is not. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** The same of a record as it was fetched; `null` when it has no key. */
export function partitionOfWire({ bytes, start }: WireParts, partitions: number): number | null {
  const cursor = readAt(bytes as Buffer, start);
  const length = cursor.readVarint();
  return length < 0 ? null : (murmur2(bytes, cursor.at, length) & 0x7fffffff) % partitions;
}
