import type { ExportedPage } from "@/server/views";
import { downloadText } from "../ui/download";

/** A browser keeps the whole file in memory until it is written. */
const maxCharacters = 200_000_000;

/** Which dead letters are exported: the filter of the list. */
export interface ExportFilter {
  flow?: string;
  state?: "open" | "waiting" | "queued" | "sending" | "sent" | "discarded";
  fingerprint?: string;
  node?: string;
  version?: number;
  redrive?: string;
  hours?: number;
  text?: string;
  key?: string;
  id?: string;
}

/**
 * Gives the person a file of whole dead letters, one JSON object a line.
 * @returns how many, and whether the rest did not fit
 */
export async function exportLetters(
  readPage: (filter: ExportFilter & { before?: Date; beforeId?: string }) => Promise<ExportedPage>,
  filter: ExportFilter,
): Promise<{ count: number; cut: boolean }> {
  const parts: string[] = [];
  let count = 0;
  let characters = 0;
  let next: ExportedPage["next"] | undefined;
  do {
    const page = await readPage({ ...filter, ...next });
    const text = page.letters.map((letter) => `${JSON.stringify(letter)}\n`).join("");
    parts.push(text);
    count += page.letters.length;
    characters += text.length;
    next = page.next;
  } while (next && characters < maxCharacters);
  downloadText(`dead-letters${filter.flow ? `-${filter.flow}` : ""}.ndjson`, "application/x-ndjson", parts);
  return { count, cut: next !== null };
}
