import { type Codec, CodecError } from "../codec";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const toUtf8 = new TextEncoder();

/** Text in UTF-8: the body is a string. Numbers and booleans are written as their text. */
export const textCodec: Codec = {
  name: "text",
  title: "Text",
  decode(bytes) {
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw new CodecError("codec-decode", "The value is not UTF-8 text. The codec `bytes` takes any value.", {
        cause,
      });
    }
  },
  encode(body) {
    switch (typeof body) {
      case "string":
        return toUtf8.encode(body);
      case "number":
      case "bigint":
      case "boolean":
        return toUtf8.encode(String(body));
      default:
        throw new CodecError("codec-encode", "The body is not text. Make text of it, or use the codec `json`.");
    }
  },
};
