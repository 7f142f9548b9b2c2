import { createRequire } from "node:module";
import { crc32cOfClient } from "./client-parts";

type Checksum = (bytes: Buffer) => number;

/** The checksum of record batches: native where a binary for this platform is installed, else the client's own. */
export const crc32c: Checksum = findNative() ?? crc32cOfClient;

function findNative(): Checksum | undefined {
  try {
    return (createRequire(import.meta.url)("@node-rs/crc32") as { crc32c: Checksum }).crc32c;
  } catch {
    return undefined;
  }
}
