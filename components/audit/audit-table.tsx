import Link from "next/link";
import { useState } from "react";
import { wordsOfAction } from "@/flow/audit-actions";
import { readActedBy, wordsOfDetail } from "@/flow/audit-words";
import type { AuditView } from "@/server/views";
import { formatExact } from "../ui/formats";
import { RelativeTime } from "../ui/relative-time";
import { Table, Td, Th, Tr } from "../ui/table";
import { AuditEntry } from "./audit-entry";
import type { AuditAddress } from "./audit-filter";
import { linkOfEntry } from "./audit-links";

/** Entries, the newest first. A person or an action narrows the list; an object leads to it; the time opens the entry, as a click beside these does. */
export function AuditTable({
  entries,
  onFilter,
}: {
  entries: readonly AuditView[];
  onFilter(change: AuditAddress): void;
}) {
  const [opened, setOpened] = useState<AuditView | null>(null);
  return (
    <>
      <Table>
        <thead>
          <tr>
            <Th className="w-56">When</Th>
            <Th className="w-56">Person</Th>
            <Th className="w-56">Did</Th>
            <Th>Object</Th>
            <Th>Detail</Th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => {
            const link = linkOfEntry(entry);
            const detail = wordsOfDetail(entry.action, entry.detail);
            const by = readActedBy(entry.detail);
            return (
              <Tr
                key={entry.id}
                className="cursor-pointer hover:bg-hover"
                onClick={(event) => {
                  const target = event.target as HTMLElement;
                  if (!target.closest("a, button")) setOpened(entry);
                }}
              >
                <Td>
                  <button
                    type="button"
                    aria-label={`Open the entry of ${formatExact(entry.at)}`}
                    title={formatExact(entry.at)}
                    onClick={() => setOpened(entry)}
                    className="block max-w-full truncate rounded-sm text-left hover:underline"
                  >
                    {formatExact(entry.at)}
                  </button>
                  <RelativeTime date={entry.at} className="block text-12 leading-4 text-muted" />
                </Td>
                <Td>
                  <NarrowButton what={`Only ${entry.actor}`} onClick={() => onFilter({ person: entry.actor })}>
                    {entry.actor}
                  </NarrowButton>
                  {by ? (
                    <span className="block truncate text-12 leading-4 text-muted" title={by.token}>
                      {by.person ? `${by.person}, by ${by.token}` : `by ${by.token}`}
                    </span>
                  ) : null}
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
                <Td className="text-12 text-muted" title={detail}>
                  {detail}
                </Td>
              </Tr>
            );
          })}
        </tbody>
      </Table>
      {opened ? <AuditEntry entry={opened} onClose={() => setOpened(null)} /> : null}
    </>
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
