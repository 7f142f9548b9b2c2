import { createHash } from "node:crypto";

const maxLength = 500;

/**
 * A position as an index of Postgres can hold it. Other applications may give their jobs ids of any length; one that is too long keeps
 * its beginning and a digest, so that the same job is still the same place.
 */
export function shortenPosition(position: string): string {
  if (position.length <= maxLength) return position;
  return `${position.slice(0, 100)}…${createHash("sha256").update(position).digest("hex")}`;
}
