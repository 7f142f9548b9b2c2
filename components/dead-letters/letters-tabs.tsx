"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/context";
import { formatCount } from "../ui/formats";
import { NavTabs } from "../ui/nav-tabs";

/** What was given up, and what waits for a later try: the flow and the key that were chosen stay chosen. */
export function LettersTabs({
  current,
  flow,
  filterKey,
}: {
  current: "dead" | "parked";
  flow: string | undefined;
  filterKey: string | undefined;
}) {
  const trpc = useTRPC();
  const waiting = useQuery({
    ...trpc.parked.groups.queryOptions(flow ? { flow } : {}),
    refetchInterval: 5_000,
    select: (groups) => groups.reduce((sum, { count }) => sum + count, 0),
  });
  const chosen = new URLSearchParams({ ...(flow ? { flow } : {}), ...(filterKey ? { key: filterKey } : {}) });
  const query = chosen.size ? `?${chosen}` : "";
  return (
    <NavTabs
      label="What did not get through"
      current={current}
      tabs={[
        { id: "dead", href: `/dead-letters${query}`, label: "Given up" },
        {
          id: "parked",
          href: `/dead-letters/parked${query}`,
          label: (
            <>
              Waiting for a later try
              {waiting.data ? <span className="ml-1.5 font-mono text-12">{formatCount(waiting.data)}</span> : null}
            </>
          ),
        },
      ]}
    />
  );
}
