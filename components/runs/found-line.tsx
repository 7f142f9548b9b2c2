"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { describeCount, describeMatch, describeRunSearch, type FoundCount, readRunSearch } from "@/flow/run-search";
import type { RunFilter } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { ToggleChip } from "../ui/chip";
import { formatPlural } from "../ui/formats";

/** What a search found: how it was understood, by what runs were found, each a chip that narrows the list, and what else bears it as its key. */
export function FoundLine({
  text,
  found,
  by,
  onNarrow,
}: {
  text: string;
  /** Undefined: not known yet. */
  found: readonly FoundCount[] | undefined;
  by: RunFilter["by"];
  onNarrow(by: RunFilter["by"]): void;
}) {
  const words = describeRunSearch(readRunSearch(text));
  const chosen = found?.some((each) => each.by === by);
  return (
    <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b bg-sunken px-4 py-1.5 text-12 text-muted">
      <div role="status" className="flex flex-wrap items-center gap-1.5">
        {words ? <span className="mr-1.5">{words}.</span> : null}
        {found?.length === 0 ? <span>No run is found by it.</span> : null}
        {found?.length === 1 && !by ? <span>Found {describeCount(found[0]!)}.</span> : null}
        {found && (found.length > 1 || by) ? <span className="mr-0.5">Found</span> : null}
        {found && (found.length > 1 || by)
          ? found.map((each) => (
              <ToggleChip
                key={each.by}
                on={by === each.by}
                onToggle={() => onNarrow(by === each.by ? undefined : each.by)}
              >
                {describeCount(each)}
              </ToggleChip>
            ))
          : null}
        {by && !chosen ? (
          <ToggleChip on onToggle={() => onNarrow(undefined)}>
            by {by === "value" ? "a value" : describeMatch(by)}
          </ToggleChip>
        ) : null}
      </div>
      <Elsewhere text={text} />
    </div>
  );
}

/** Sagas, dead letters and waiting messages with this key. */
function Elsewhere({ text }: { text: string }) {
  const trpc = useTRPC();
  const elsewhere = useQuery(trpc.runs.elsewhere.queryOptions({ text }, { staleTime: 5_000 }));
  const search = readRunSearch(text);
  const key = search.is === "value" ? search.value : text;
  const { sagas = 0, deadLetters = 0, deadLetter = null, parked = 0 } = elsewhere.data ?? {};
  const withKey = `key=${encodeURIComponent(key)}`;
  const links = [
    { count: sagas, one: "saga", href: `/sagas?${withKey}` },
    {
      count: deadLetters,
      one: "dead letter",
      // The only one is opened, too.
      href: `/dead-letters?${withKey}${deadLetters === 1 && deadLetter ? `&id=${deadLetter}` : ""}`,
    },
    {
      count: parked,
      one: "message that waits for a later try",
      many: "messages that wait for a later try",
      href: `/dead-letters/parked?${withKey}`,
    },
  ].filter(({ count }) => count > 0);
  return links.map(({ count, one, many, href }) => (
    <Link key={href} href={href} className="text-accent underline underline-offset-2">
      {formatPlural(count, one, many)} with this key
    </Link>
  ));
}
