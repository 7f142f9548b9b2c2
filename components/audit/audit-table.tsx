import Link from "next/link";
import { wordsOfAction } from "@/flow/audit-actions";
import type { AuditView } from "@/server/views";
import { RelativeTime } from "../ui/relative-time";
import { Table, Td, Th, Tr } from "../ui/table";
import type { AuditAddress } from "./audit-filter";
import { linkOfEntry } from "./audit-links";

/** Entries, the newest first. A person or an action narrows the list; an object leads to it. */
export function AuditTable({
  entries,
  onFilter,
}: {
  entries: readonly AuditView[];
  onFilter(change: AuditAddress): void;
}) {
  return (
    <Table>
      <thead>
        <tr>
          <Th className="w-32">When</Th>
          <Th className="w-56">Person</Th>
          <Th className="w-56">Did</Th>
          <Th>Object</Th>
          <Th>Detail</Th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => {
          const link = linkOfEntry(entry);
          const detail = describeDetail(entry.detail);
          return (
            <Tr key={entry.id}>
              <Td className="text-muted">
                <RelativeTime date={entry.at} />
              </Td>
              <Td>
                <NarrowButton what={`Only ${entry.actor}`} onClick={() => onFilter({ person: entry.actor })}>
                  {entry.actor}
                </NarrowButton>
              </Td>
              <Td>
                <NarrowButton
                  what={`Only: ${wordsOfAction(entry.action)}`}
                  onClick={() => onFilter({ action: entry.action })}
                >
                  {wordsOfAction(entry.action)}
                </NarrowButton>
              </Td>
              <Td className="font-mono text-12">
                {link ? (
                  <Link href={link} className="text-accent hover:underline">
                    {entry.object}
                  </Link>
                ) : (
                  entry.object
                )}
              </Td>
              <Td className="font-mono text-12 text-muted" title={detail}>
                {detail}
              </Td>
            </Tr>
          );
        })}
      </tbody>
    </Table>
  );
}

function NarrowButton({ what, onClick, children }: { what: string; onClick(): void; children: string }) {
  return (
    <button
      type="button"
      title={what}
      onClick={onClick}
      className="max-w-full truncate rounded-sm text-left hover:underline"
    >
      {children}
    </button>
  );
}

/** `revision 4 · sagas 0`; lists and objects as JSON. */
function describeDetail(detail: unknown): string {
  if (typeof detail !== "object" || detail === null) return "";
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(" · ");
}
