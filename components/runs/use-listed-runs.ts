"use client";

import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";
import type { RunSummary } from "@/server/views";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { keptRuns } from "../trpc/live-store";
import { useLive } from "../trpc/use-live";
import { type AddressFilter, addRuns, filterAt, newRunsFor, onlyServerTells, writeFilter } from "./run-filter";

const pageSize = 100;
/** A list that is come back to is as it was left for so long. */
const keptMs = 30 * 60_000;
/** What only the server can tell to belong to the list is asked for so often, and at most so many. */
const askAgainMs = 15_000;
const askedAtOnce = 50;

interface Page {
  runs: RunSummary[];
  more: boolean;
}
type Pages = InfiniteData<Page, { before?: Date; beforeId?: string }>;

/**
 * Runs of a filter, page by page. What is shown stays as it is: what came since is counted in `waiting` until it is let in. `returned`: the
 * list is shown as it was left.
 */
export function useListedRuns(filter: AddressFilter, returned: boolean) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const address = writeFilter(filter);
  const queryKey = useMemo(() => [...trpc.runs.list.queryKey(), "pages", address], [trpc, address]);
  const runs = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }): Promise<Page> =>
      client.runs.list.query({ ...filterAt(filter, Date.now()), ...pageParam, limit: pageSize }, { signal }),
    initialPageParam: {} as { before?: Date; beforeId?: string },
    getNextPageParam: ({ runs: page, more }) => {
      const last = page.at(-1);
      return more && last ? { before: last.startedAt, beforeId: last.id } : undefined;
    },
    placeholderData: keepPreviousData,
    gcTime: keptMs,
    // Rows that are read do not move because the window was left, or a run was looked at.
    refetchOnMount: !returned,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const shown = useMemo(() => runs.data?.pages.flatMap((page) => page.runs) ?? [], [runs.data]);
  const live = useLive((state) => state.runs);
  const asked = useAskedRuns(filter, address, shown);
  // While another filter's rows stand in, nothing is new to them.
  const settled = !runs.isPlaceholderData && runs.data !== undefined;
  const fresh = useMemo(
    () => (settled ? [...newRunsFor(live, shown, filter, runs.hasNextPage), ...asked] : []),
    [settled, live, shown, filter, runs.hasNextPage, asked],
  );

  const add = useCallback(
    (some: readonly RunSummary[], most: number) =>
      queries.setQueryData<Pages>(queryKey, (data) => {
        if (!data) return data;
        const all = data.pages.flatMap((page) => page.runs);
        const { runs: joined, cut } = addRuns(all, some, most);
        return {
          pages: [{ runs: joined, more: cut || (data.pages.at(-1)?.more ?? false) }],
          pageParams: data.pageParams.slice(0, 1),
        };
      }),
    [queries, queryKey],
  );
  const letIn = useCallback(() => {
    // As many as are kept: there may be more between them and what is shown.
    if (fresh.length >= keptRuns) void queries.resetQueries({ queryKey, exact: true });
    else add(fresh, Number.POSITIVE_INFINITY);
  }, [fresh, add, queries, queryKey]);
  /** For a list in which nothing is being read: it follows, and forgets its end. */
  const follow = useCallback(() => add(fresh, keptRuns), [fresh, add]);
  return { runs, shown, settled, waiting: fresh.length, letIn, follow };
}

/** New runs of a list of which only the server can tell what belongs to it. */
function useAskedRuns(filter: AddressFilter, address: string, shown: readonly RunSummary[]): readonly RunSummary[] {
  const trpc = useTRPC();
  const client = useTRPCClient();
  // A search puts what was meant first, which need not be the newest.
  const newest = shown.reduce<Date | undefined>(
    (at, { startedAt }) => (at && at > startedAt ? at : startedAt),
    undefined,
  );
  const found = useQuery({
    queryKey: [...trpc.runs.list.queryKey(), "newer", address, newest?.getTime() ?? 0],
    queryFn: async ({ signal }) => {
      const asked = filterAt(filter, Date.now());
      const since = newest && (!asked.since || newest > asked.since) ? { since: newest } : {};
      return (await client.runs.list.query({ ...asked, ...since, limit: askedAtOnce }, { signal })).runs;
    },
    enabled: onlyServerTells(filter),
    initialData: [],
    staleTime: askAgainMs,
    refetchInterval: askAgainMs,
  });
  return useMemo(() => {
    const ids = new Set(shown.map(({ id }) => id));
    return found.data.filter(({ id }) => !ids.has(id));
  }, [found.data, shown]);
}

/** Lets new runs in at once where nothing is being read that could move. */
export function useFollowing(waiting: number, atOnce: boolean, follow: () => void): void {
  useEffect(() => {
    if (atOnce && waiting > 0) follow();
  }, [atOnce, waiting, follow]);
}
