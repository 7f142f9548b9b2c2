import { CodecError } from "../codec";
import { jsonCodec } from "../codecs/json";
import type { SagaState } from "./state";

/**
 * How a saga is stored: JSON that keeps the digits of long integers, with the number of its format. A field that only says more may be
 * added under the same number; one that an older worker would have to understand needs the next, and a reader for this one.
 */
const formatNumber = 1;

/** The bytes of a saga (`HeldRow.content`). @throws CodecError when its data has no JSON. */
export function encodeSaga(state: SagaState): Uint8Array {
  return jsonCodec.encode({ format: formatNumber, saga: state });
}

/** @throws CodecError when the bytes are no saga, or one that a newer Millrace wrote. */
export function decodeSaga(bytes: Uint8Array): SagaState {
  const stored = jsonCodec.decode(bytes) as { readonly format?: unknown; readonly saga?: SagaState } | null;
  const format = typeof stored === "object" ? stored?.format : undefined;
  if (typeof format !== "number") throw new CodecError("codec-decode", "The stored content is not that of a saga.");
  if (format !== formatNumber)
    throw new CodecError(
      "codec-decode",
      `The saga is stored in format ${format}, and this worker reads format ${formatNumber}: start a worker of the version that wrote it, or a newer one.`,
    );
  const saga = stored?.saga;
  if (!saga || typeof saga.id !== "string" || !Array.isArray(saga.visits) || !Array.isArray(saga.notes))
    throw new CodecError("codec-decode", "The stored content is not that of a whole saga.");
  return saga;
}
