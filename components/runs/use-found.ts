"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { countMatches, type FoundCount } from "@/flow/run-search";
import type { RunSummary } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { type AddressFilter, filterAt, without, writeFilter } from "./run-filter";

/**
 * By what a search found runs. The rows tell it when they are all there are; the server counts when there are more, or when the list is
 * narrowed and the others are not in it. Undefined while nothing is searched for, or it is not known yet.
 */
export function useFound(
  filter: AddressFilter,
  list: { runs: readonly RunSummary[]; whole: boolean; settled: boolean },
): readonly FoundCount[] | undefined {
  const trpc = useTRPC();
  const { text, by, ...others } = filter;
  const told = useMemo(
    () => (list.settled && list.whole && !by ? countMatches(list.runs) : undefined),
    [list.settled, list.whole, list.runs, by],
  );
  // Lengths of time would make another question of it each time.
  const minute = Math.ceil(Date.now() / 60_000) * 60_000;
  const counted = useQuery({
    ...trpc.runs.found.queryOptions({ ...filterAt(others, minute), text: text ?? "" }),
    enabled: Boolean(text) && (by !== undefined || (list.settled && !list.whole)),
    staleTime: 30_000,
  });
  const found = told ?? counted.data;
  // Narrowing does not change what there is: its chips stay while it is asked for.
  const address = writeFilter(without(filter, "by"));
  const last = useRef<{ address: string; found: readonly FoundCount[] }>(undefined);
  useEffect(() => {
    if (found) last.current = { address, found };
  }, [address, found]);
  if (!text) return undefined;
  return found ?? (last.current?.address === address ? last.current.found : undefined);
}
