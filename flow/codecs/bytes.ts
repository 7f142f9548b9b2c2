import { type Codec, CodecError } from "../codec";

const toUtf8 = new TextEncoder();

/** Any bytes, as they are: the body is a Uint8Array. Text is written in UTF-8. */
export const bytesCodec: Codec = {
  name: "bytes",
  title: "Bytes",
  decode: (bytes) => bytes,
  encode(body) {
    if (body instanceof Uint8Array) return body;
    if (typeof body === "string") return toUtf8.encode(body);
    throw new CodecError("codec-encode", "The body is neither bytes nor text. Use the codec `json` for it.");
  },
};
