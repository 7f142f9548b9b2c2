import type { AuditView } from "@/server/views";
import { downloadText } from "../ui/download";

export type AuditFormat = "ndjson" | "csv";
/** A browser keeps the whole file in memory until it is written. */
const maxCharacters = 200_000_000;

type Page = { items: AuditView[]; more: boolean };

/** Gives the person a file of entries, the newest first. @returns how many, and whether the rest did not fit */
export async function exportAudit(
  readPage: (after: { before?: Date; beforeId?: string }) => Promise<Page>,
  format: AuditFormat,
): Promise<{ count: number; cut: boolean }> {
  const parts = format === "csv" ? ["at,actor,action,object,detail\r\n"] : [];
  let [count, characters, more] = [0, 0, true];
  let next: { before?: Date; beforeId?: string } = {};
  while (more && characters < maxCharacters) {
    const page = await readPage(next);
    const text = page.items.map((entry) => writeEntry(entry, format)).join("");
    parts.push(text);
    count += page.items.length;
    characters += text.length;
    const last = page.items.at(-1);
    more = page.more && last !== undefined;
    if (last) next = { before: last.at, beforeId: last.id };
  }
  downloadText(`audit.${format}`, format === "csv" ? "text/csv" : "application/x-ndjson", parts);
  return { count, cut: more };
}

/** One entry as a line. */
export function writeEntry(entry: AuditView, format: AuditFormat): string {
  const { at, actor, action, object, detail } = entry;
  if (format === "ndjson")
    return `${JSON.stringify({ id: entry.id, at: at.toISOString(), actor, action, object, detail })}\n`;
  return `${[at.toISOString(), actor, action, object, JSON.stringify(detail)].map(quoteCell).join(",")}\r\n`;
}

/** A cell of RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe: objects have names that people chose. */
function quoteCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
