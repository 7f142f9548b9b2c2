import { createHash } from "node:crypto";
import type { HeldScope } from "../flow/holding";

/** Id of what a node of a flow holds under a key: the same for the same, in every process and after every crash. */
export function heldIdOf({ environment, flowId }: HeldScope, node: string, key: string): string {
  return digest(["held", environment, flowId, node, key]);
}

/** Id of what came for an address; `place` tells its message from all others (source, lane, position and part). */
export function arrivalIdOf({ environment, flowId }: HeldScope, address: string, place: string): string {
  return digest(["arrival", environment, flowId, address, place]);
}

/** 122 bits of SHA-256 as a UUID of version 8, which is for digests of one's own. */
function digest(parts: readonly string[]): string {
  const bytes = createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
