import type { BatchContext } from "../behaviour";
import type { HoldRequest } from "../holding";
import type { Message } from "../message";

/** A message of a batch with what tells it from all others of its source, and as it came from there. */
export function placeIn(
  message: Message,
  batch: BatchContext,
  index: number,
): Pick<HoldRequest, "message" | "part" | "original"> {
  const original = batch.originalOf?.(index);
  return { message, part: batch.partOf?.(index) ?? "", ...(original ? { original } : {}) };
}
