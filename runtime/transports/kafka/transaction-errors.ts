import { errorType, findRoot } from "./causes";

/**
 * The brokers know a newer producer of this transactional id, or ended the transaction themselves: whoever hears this must
 * not go on from where it believes to be.
 */
export function isFenced(error: unknown): boolean {
  return ["INVALID_PRODUCER_EPOCH", "INVALID_PRODUCER_ID_MAPPING"].includes(errorType(error));
}

/** Worth another try as it is: an answer may be missing, or the cluster is choosing leaders and coordinators. */
export function isWorthRetrying(error: unknown): boolean {
  const root = findRoot(error);
  if (errorType(error) !== "") return root.retriable === true;
  return root.name?.startsWith("KafkaJS") === true || typeof root.code === "string";
}

/** The broker has the batch already: an earlier try of it was written, and only its answer was lost. */
export function isDuplicate(error: unknown): boolean {
  return errorType(error) === "DUPLICATE_SEQUENCE_NUMBER";
}

/** The position that the group has committed is not the one that this owner of the lane left there. */
export class FencedError extends Error {
  override readonly name = "FencedError";
  readonly type = "INVALID_PRODUCER_EPOCH";
  readonly retriable = false;
}
