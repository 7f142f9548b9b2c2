/** Records that can be neither read nor written as they are: damaged, or compressed in a way that is not known here. */
export class RecordsError extends Error {
  override readonly name = "RecordsError";
  constructor(
    readonly code: "codec-decode" | "codec-encode",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
