import { readActedBy, wordsOfDetail } from "../../flow/audit-words";
import type { AuditView } from "../../server/views";
import type { Command, CommandInput } from "../command";
import { refuseUsage } from "../failure";
import { numberOption, textOption } from "../options";
import { formatAgo, writeTable } from "../table";

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** Entries that one request brings. */
const pageSize = 1_000;

export const audit: Command = {
  usage: "audit [--since DURATION|TIME] [--person EMAIL] [--action A] [--object O] [--limit N]",
  summary: "Who did what to what, and when; the newest first",
  needs: 0,
  options: {
    since: { type: "string" },
    person: { type: "string" },
    action: { type: "string" },
    object: { type: "string" },
    limit: { type: "string" },
  },
  async run(input) {
    const limit = numberOption(input, "limit", { min: 1, max: 1_000_000 }) ?? 100;
    const given = { actor: textOption(input, "person"), action: textOption(input, "action"), after: readSince(input) };
    const filter = Object.fromEntries(
      Object.entries({ ...given, object: textOption(input, "object") }).filter(([, value]) => value !== undefined),
    );
    const items: AuditView[] = [];
    let next: { before?: Date; beforeId?: string } | null = {};
    while (next && items.length < limit) {
      const page: { items: AuditView[]; more: boolean } = await input.client.audit.list.query({
        ...filter,
        ...next,
        limit: Math.min(pageSize, limit - items.length),
      });
      items.push(...page.items);
      const last = page.items.at(-1);
      next = page.more && last ? { before: last.at, beforeId: last.id } : null;
    }
    const data = { items, more: next !== null };
    if (items.length === 0) return { data, text: "No entry fits." };
    const text = writeTable(items, [
      { title: "when", value: (entry) => formatAgo(entry.at, input.now()) },
      { title: "person", value: (entry) => readActedBy(entry.detail)?.person ?? entry.actor },
      { title: "action", value: (entry) => entry.action },
      { title: "object", value: (entry) => entry.object },
      { title: "detail", value: (entry) => wordsOfDetail(entry.action, entry.detail) },
    ]);
    return { data, text: next ? `${text}\n\nThere are more: --limit takes more of them.` : text };
  },
};

/** `90m`, `24h`, `7d`, or a time. */
function readSince(input: CommandInput): Date | undefined {
  const text = textOption(input, "since");
  if (text === undefined) return undefined;
  const duration = /^(\d{1,6})([mhd])$/.exec(text);
  const at = duration
    ? input.now() - Number(duration[1]) * unitMs[duration[2] as keyof typeof unitMs]
    : Date.parse(text);
  if (Number.isFinite(at)) return new Date(at);
  throw refuseUsage(
    `--since takes a duration (90m, 24h, 7d) or a time (2026-11-27T08:00Z), not “${text}”.`,
    audit.usage,
  );
}
