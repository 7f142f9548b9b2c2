import type { Span } from "./utf8";

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
  /** Where a few fields can be had, and set, without making a body of the bytes. */
  readonly fields?: FieldReader;
}

/** Stands on the bytes of one value at a time. What it reads and writes is what decoding, changing and encoding would give. */
export interface FieldReader {
  /** Does it stand on this one? */
  isAt(value: Span): boolean;
  /** Goes to this one, which it does not keep. `false` = it is to be decoded instead, be it to learn what is wrong with it. */
  aim(value: Span): boolean;
  /** A field of the record that it stands on; `undefined` when it has none of that name, which is in ASCII. */
  read(name: string): unknown;
  /** The bytes of each item of a field that is a list; `undefined` for any other. */
  readItems(name: string): Uint8Array[] | undefined;
  /**
   * The bytes with fields set, those that are new at the end; all else stays as it was written. `undefined` = decode them instead.
   * @throws CodecError when a value has no form in this codec
   */
  write(names: readonly string[], values: readonly unknown[]): Uint8Array | undefined;
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
