import type { ReadableLetter } from "../flow/letter-scope";
import type { Header } from "../flow/message";
import type { DeadLetter, Prisma } from "./generated/client";

type Bytes = "key" | "value" | "sourceKey" | "sourceValue" | "editedKey" | "editedValue";
/** What is read of a row, by whichever client it came. */
export type LetterRow = Pick<
  DeadLetter,
  | ("node" | "version" | "source" | "lane" | "position" | "codec" | "attempts" | "timestamp")
  | ("causeCode" | "causeMessage" | "causeDetail" | "headers" | "sourceHeaders" | "editedHeaders" | "editedFor")
> &
  Readonly<Record<Bytes, Uint8Array | null>>;

/** A stored dead letter as expressions see it. */
export function readLetter(row: LetterRow): ReadableLetter {
  const { node, version, source, lane, position, key, value, codec, attempts } = row;
  const detail = row.causeDetail === null ? {} : { detail: row.causeDetail };
  return {
    node,
    version,
    cause: { code: row.causeCode, message: row.causeMessage, ...detail },
    source,
    lane,
    position,
    key,
    value,
    headers: readHeaders(row.headers),
    codec,
    timestamp: row.timestamp.getTime(),
    attempts,
    ...(row.sourceHeaders === null
      ? {}
      : { original: { key: row.sourceKey, value: row.sourceValue, headers: readHeaders(row.sourceHeaders) } }),
    ...(row.editedFor === null
      ? {}
      : {
          edited: {
            target: row.editedFor === "source" ? "source" : "node",
            value: row.editedValue,
            ...(row.editedHeaders === null ? {} : { key: row.editedKey, headers: readHeaders(row.editedHeaders) }),
          },
        }),
  };
}

/** Headers as stored: names with base64. */
export function readHeaders(stored: Prisma.JsonValue): Header[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((entry): Header[] =>
    Array.isArray(entry) ? [[String(entry[0]), Buffer.from(String(entry[1] ?? ""), "base64")]] : [],
  );
}
