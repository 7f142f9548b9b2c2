import { type Codec, CodecError } from "../codec";
import { encodeUtf8 } from "../utf8";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

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
        return encodeUtf8(body);
      case "number":
      case "bigint":
      case "boolean":
        return encodeUtf8(String(body));
      default:
        throw new CodecError("codec-encode", "The body is not text. Make text of it, or use the codec `json`.");
    }
  },
};
