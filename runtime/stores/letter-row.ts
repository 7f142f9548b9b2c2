import { readLetter as readStored, type LetterRow as StoredRow } from "../../prisma/read-letter";
import type { StoredLetter } from "../redrive";

/** What is read of a dead letter that is to be sent again. */
export const letterColumns = `id, node, version, source, lane, position, part, key, value, headers, codec, "sourceKey", "sourceValue",
  "sourceHeaders", "editedValue", "editedKey", "editedHeaders", "editedFor", attempts, target, "causeCode", "causeMessage", "causeDetail", "createdAt",
  extract(epoch FROM timestamp) * 1000 AS "timestampMs"`;

/** As the worker reads it, with what it sends it by. */
export interface LetterRow extends Omit<StoredRow, "timestamp"> {
  id: string;
  part: string;
  target: string | null;
  createdAt: Date;
  timestampMs: string;
}

export function readLetter(row: LetterRow): StoredLetter {
  return {
    ...readStored({ ...row, timestamp: new Date(Number(row.timestampMs)) }),
    id: row.id,
    part: row.part,
    target: row.target === "source" ? "source" : "node",
  };
}
