import { createRequire } from "node:module";
import { crc32cOfClient } from "./client-parts";

type Checksum = (bytes: Buffer) => number;

const native = findNative();

/** The checksum of record batches: native where a binary for this platform is installed, else the client's own. */
export const crc32c: Checksum = native ?? crc32cOfClient;

/** Is this the checksum? Only looked at where that costs next to nothing. */
export function checkCrc32c(bytes: Buffer, expected: number): boolean {
  return native === undefined || native(bytes) === expected;
}

function findNative(): Checksum | undefined {
  try {
    return (createRequire(import.meta.url)("@node-rs/crc32") as { crc32c: Checksum }).crc32c;
  } catch {
    return undefined;
  }
}
