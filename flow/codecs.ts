import type { Codec } from "./codec";
import { bytesCodec } from "./codecs/bytes";
import { jsonCodec } from "./codecs/json";
import { textCodec } from "./codecs/text";

/** Every codec, by the name that a config carries. */
export const codecs = { json: jsonCodec, text: textCodec, bytes: bytesCodec } as const satisfies Record<string, Codec>;
export type CodecName = keyof typeof codecs;
export const codecNames = Object.keys(codecs) as [CodecName, ...CodecName[]];

/** @throws Error for a name that is not in the table (a config's schema has refused it before). */
export function codecOf(name: string): Codec {
  if (!Object.hasOwn(codecs, name)) throw new Error(`There is no codec \`${name}\`: ${codecNames.join(", ")} are.`);
  return codecs[name as CodecName];
}
