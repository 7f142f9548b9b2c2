import { createHash } from "node:crypto";
import type { HeldScope } from "../flow/holding";

/** Id of what a node holds for a key (of a saga its business key, of a message its place): the same UUID for the same. */
export function heldIdOf({ environment, flowId }: HeldScope, node: string, key: string): string {
  return makeUuid(["held", environment, flowId, node, key]);
}

/** Id of the saga that is a step of another one: known before it begins, so that it begins once. `parent`: where that one is held. */
export function subSagaIdOf(parent: HeldScope, node: string, saga: string): string {
  return heldIdOf(parent, node, `sub ${saga}`);
}

/** Id of what came for an address: the same UUID when its message, known by its place, comes again. */
export function arrivalIdOf({ environment, flowId }: HeldScope, address: string, place: string): string {
  return makeUuid(["arrival", environment, flowId, address, place]);
}

/** A UUID (version 8: of one's own making) of a digest. */
function makeUuid(parts: readonly string[]): string {
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest();
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
