/**
 * Turns the bytes of a value into a body and back. Set on sources and sinks, one file each under `codecs/`.
 */
export interface Codec {
  /** `json`, `text`, `bytes`. */
  readonly name: string;
  readonly title: string;
  /** @throws CodecError naming what is wrong with the bytes. */
  decode(bytes: Uint8Array): unknown;
  /** @throws CodecError when the body has no form in this codec. */
  encode(body: unknown): Uint8Array;
}

/** The bytes or the body do not fit the codec. Carries a stable code and never the payload. */
export class CodecError extends Error {
  override readonly name = "CodecError";
  constructor(
    readonly code: "codec-decode" | "codec-encode",
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
