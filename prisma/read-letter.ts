import type { ReadableLetter } from "../flow/letter-scope";
import type { Header } from "../flow/message";
import type { DeadLetter, Prisma } from "./generated/client";

/** A stored dead letter as expressions see it. */
export function readLetter(row: DeadLetter): ReadableLetter {
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
