import type { HeldVersion, KeeperHouse } from "../holding/ports";
import { TransportError } from "../transport";

/** The version on which a saga began cannot be opened now. */
export class VersionClosedError extends Error {
  override readonly name = "VersionClosedError";
}

/** @throws VersionClosedError with words for a person, TransportError where a connection is what it lacks */
export async function openVersion(house: KeeperHouse, version: number): Promise<HeldVersion> {
  try {
    return await house.versionOf(version);
  } catch (cause) {
    if (cause instanceof TransportError) throw cause;
    const why = cause instanceof Error ? cause.message : "It failed unexpectedly.";
    throw new VersionClosedError(`Version ${version} of the flow cannot be opened: ${why}`, { cause });
  }
}
