/**
 * Records that can be neither read nor written as they are: damaged, or compressed in a way that is not known here. It has no
 * cause: kafkajs puts what it finds there in the place of the error itself.
 */
export class RecordsError extends Error {
  override readonly name = "RecordsError";
  /** kafkajs need not try again. */
  readonly retriable = false;
  constructor(
    readonly code: "codec-decode" | "codec-encode",
    message: string,
  ) {
    super(message);
  }
}

/** `why` in words: what is wrong with the records that begin there. */
export function damaged(offset: number, why: string): RecordsError {
  return new RecordsError("codec-decode", `The records at offset ${offset} are damaged: ${why}.`);
}
