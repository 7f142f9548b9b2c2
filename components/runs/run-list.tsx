"use client";

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { useLive } from "../trpc/use-live";
import { Button, ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { NewRows } from "../ui/new-rows";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { Switch } from "../ui/switch";
import { FilterChips } from "./filter-chips";
import { FindBox, FoundElsewhere } from "./find-box";
import { RecordingBar } from "./recording-bar";
import { type AddressFilter, filterAt, newRunsFor, readFilter, writeFilter } from "./run-filter";
import { RunTable } from "./run-table";
import { RunsTabs } from "./runs-tabs";
import { SavedViews } from "./saved-views";

const pageSize = 100;

/** A live list of runs. New ones wait behind "12 new", so that what is read does not move; "Follow" lets them in at once. */
export function RunList({ flow: fixedFlow }: { flow?: string }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  const filter = useMemo<AddressFilter>(() => {
    const read = readFilter(new URLSearchParams(params.toString()));
    return fixedFlow ? { ...read, flow: fixedFlow } : read;
  }, [params, fixedFlow]);
  const flows = useQuery(trpc.flows.list.queryOptions());
  const [follow, setFollow] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);

  const runs = useInfiniteQuery({
    queryKey: [...trpc.runs.list.queryKey(), "pages", writeFilter(filter)],
    queryFn: ({ pageParam, signal }) =>
      client.runs.list.query({ ...filterAt(filter, Date.now()), ...pageParam, limit: pageSize }, { signal }),
    initialPageParam: {} as { before?: Date; beforeId?: string },
    getNextPageParam: ({ runs: page, more }) => {
      const last = page.at(-1);
      return more && last ? { before: last.startedAt, beforeId: last.id } : undefined;
    },
    placeholderData: keepPreviousData,
  });
  const loaded = useMemo(() => runs.data?.pages.flatMap((page) => page.runs) ?? [], [runs.data]);
  const { shown, waiting, letIn } = useArrivals(loaded, filter, follow);

  function setFilter(next: AddressFilter) {
    const { flow: _fixed, ...rest } = next;
    router.replace(`${path}${writeFilter(fixedFlow ? rest : next)}`, { scroll: false });
  }
  const find = useCallback(
    (text: string) => {
      const next = new URLSearchParams(params.toString());
      if (text) next.set("text", text);
      else next.delete("text");
      router.replace(`${path}${next.size > 0 ? `?${next}` : ""}`, { scroll: false });
    },
    [params, path, router],
  );
  const filtered = Object.keys(filter).some((field) => field !== "flow" || !fixedFlow);

  return (
    <div className="flex h-full min-h-0 flex-col bg-surface">
      <div className="flex shrink-0 items-center gap-3 border-b px-4 py-2">
        {fixedFlow ? <RunsTabs current="messages" flow={fixedFlow} /> : null}
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-2">
          <FindBox text={filter.text ?? ""} onFind={find} />
          <FilterChips
            filter={filter}
            onChange={setFilter}
            flows={flows.data ?? []}
            fixedFlow={fixedFlow !== undefined}
          />
        </div>
        {fixedFlow ? null : <SavedViews path={path} query={writeFilter(filter)} />}
        <NewRows count={waiting} letIn={letIn} scroller={scroller} />
        <span className="flex shrink-0 items-center gap-2 text-12 text-muted">
          <label htmlFor="follow-runs">Follow</label>
          <Switch id="follow-runs" checked={follow} onCheckedChange={setFollow} />
        </span>
      </div>
      {fixedFlow ? <RecordingBar flow={fixedFlow} /> : null}
      {filter.text ? <FoundElsewhere text={filter.text} /> : null}
      <div ref={scroller} className="thin-scroll relative min-h-0 flex-1 overflow-auto">
        {runs.isPending ? <SkeletonRows rows={10} /> : null}
        {runs.error ? <LoadError what="The runs" error={runs.error} onRetry={() => void runs.refetch()} /> : null}
        {runs.data && shown.length === 0 ? (
          <NoRuns filtered={filtered} onClear={() => setFilter({})} flow={filter.flow} />
        ) : null}
        {shown.length > 0 ? <RunTable runs={shown} showFlow={!fixedFlow} titles={flows.data ?? []} /> : null}
        {runs.hasNextPage ? (
          <div className="flex justify-center p-3">
            <Button busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
              Show older
            </Button>
          </div>
        ) : null}
      </div>
    </div>
  );
}

/** Joins what was loaded with what came live since; holds new ones back until they are let in. */
function useArrivals(loaded: ReturnType<typeof newRunsFor>, filter: AddressFilter, follow: boolean) {
  const live = useLive((state) => state.runs);
  const [letInRuns, setLetIn] = useState(loaded);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter begins with an empty hand
  useEffect(() => setLetIn([]), [filter]);
  const shown = useMemo(() => {
    const ids = new Set(loaded.map((run) => run.id));
    const all = [...letInRuns.filter((run) => !ids.has(run.id)), ...loaded];
    return all.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
  }, [letInRuns, loaded]);
  const fresh = useMemo(() => newRunsFor(live, shown, filter), [live, shown, filter]);
  const letIn = () => setLetIn((before) => [...fresh, ...before]);
  // In an empty list nothing is being read that could move.
  const atOnce = follow || shown.length === 0;
  useEffect(() => {
    if (atOnce && fresh.length > 0) setLetIn((before) => [...fresh, ...before].slice(0, 1000));
  }, [atOnce, fresh]);
  return { shown, waiting: atOnce ? 0 : fresh.length, letIn };
}

function NoRuns({ filtered, onClear, flow }: { filtered: boolean; onClear(): void; flow?: string | undefined }) {
  if (filtered) {
    return (
      <EmptyState
        icon={<Activity />}
        title="No run matches the filter"
        action={<Button onClick={onClear}>Remove filters</Button>}
      >
        Failed runs are always kept; of the others each flow keeps what{" "}
        {flow ? (
          <Link
            href={`/flows/${encodeURIComponent(flow)}?settings`}
            className="text-accent underline-offset-2 hover:underline"
          >
            its settings
          </Link>
        ) : (
          "its settings"
        )}{" "}
        say.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<Activity />}
      title="No runs yet"
      action={
        <ButtonLink href={flow ? `/flows/${flow}` : "/flows"} variant="primary">
          {flow ? "Open the drawing" : "Open flows"}
        </ButtonLink>
      }
    >
      A run is one message’s way through a flow, step by step. Deploy a flow and send it a message; its run appears here
      within two seconds.
    </EmptyState>
  );
}
