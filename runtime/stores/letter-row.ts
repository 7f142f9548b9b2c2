import type { StoredLetter } from "../redrive";
import { readHeaders } from "./message-columns";

/** What is read of a dead letter that is to be sent again. */
export const letterColumns = `id, node, version, source, lane, position, part, key, value, headers, codec, "sourceKey", "sourceValue",
  "sourceHeaders", "editedValue", "editedKey", "editedHeaders", "editedFor", attempts, target, "causeCode", "causeMessage", "causeDetail", "createdAt",
  extract(epoch FROM timestamp) * 1000 AS "timestampMs"`;

export interface LetterRow {
  id: string;
  node: string;
  version: number;
  source: string;
  lane: string;
  position: string;
  part: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: [string, string][];
  codec: string;
  sourceKey: Buffer | null;
  sourceValue: Buffer | null;
  sourceHeaders: [string, string][] | null;
  editedValue: Buffer | null;
  editedKey: Buffer | null;
  editedHeaders: [string, string][] | null;
  editedFor: string | null;
  attempts: number;
  target: string | null;
  causeCode: string;
  causeMessage: string;
  causeDetail: string | null;
  createdAt: Date;
  timestampMs: string;
}

export function readLetter(row: LetterRow): StoredLetter {
  const { id, node, version, source, lane, position, part, key, value, codec, attempts } = row;
  const original = row.sourceHeaders
    ? { key: row.sourceKey, value: row.sourceValue, headers: readHeaders(row.sourceHeaders) }
    : undefined;
  const target = row.target === "source" ? "source" : "node";
  const detail = row.causeDetail === null ? {} : { detail: row.causeDetail };
  return {
    id,
    node,
    version,
    cause: { code: row.causeCode, message: row.causeMessage, ...detail },
    source,
    lane,
    position,
    part,
    key,
    value,
    headers: readHeaders(row.headers),
    codec,
    attempts,
    timestamp: Number(row.timestampMs),
    target,
    ...(original ? { original } : {}),
    ...(row.editedFor === null
      ? {}
      : {
          edited: {
            target: row.editedFor === "source" ? "source" : "node",
            value: row.editedValue,
            ...(row.editedHeaders ? { key: row.editedKey, headers: readHeaders(row.editedHeaders) } : {}),
          },
        }),
  };
}
