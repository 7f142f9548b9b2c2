"use client";

import { useQuery } from "@tanstack/react-query";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { isTyping } from "../shell/keys";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { NewRows } from "../ui/new-rows";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { FilterChips } from "./filter-chips";
import { FindBox } from "./find-box";
import { FollowSwitch } from "./follow-switch";
import { FoundLine } from "./found-line";
import { NoRuns } from "./no-runs";
import { RecordingBar } from "./recording-bar";
import { type AddressFilter, readFilter, without, writeFilter } from "./run-filter";
import { RunTable } from "./run-table";
import { RunsTabs } from "./runs-tabs";
import { SavedViews } from "./saved-views";
import { useFound } from "./use-found";
import { readPlace, useListPlace } from "./use-list-place";
import { useFollowing, useListedRuns } from "./use-listed-runs";

/** A live list of runs. New ones wait behind "12 new", so that what is read does not move; "Follow" lets them in while nothing is read. */
export function RunList({ flow: fixedFlow }: { flow?: string }) {
  const trpc = useTRPC();
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  const query = params.toString();
  const at = `${path}?${query}`;
  const filter = useMemo<AddressFilter>(() => {
    const read = readFilter(new URLSearchParams(query));
    return fixedFlow ? { ...read, flow: fixedFlow } : read;
  }, [query, fixedFlow]);
  const address = writeFilter(filter);
  const flows = useQuery(trpc.flows.list.queryOptions());
  const [left] = useState(() => readPlace(at));
  const [follow, setFollow] = useState(false);
  // Not at once: the page as the server drew it does not know.
  useEffect(() => {
    if (left?.follow) setFollow(true);
  }, [left]);
  const scroller = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const { runs, shown, settled, waiting, letIn, follow: followNew } = useListedRuns(filter, left !== null);
  const found = useFound(filter, { runs: shown, whole: !runs.hasNextPage, settled });
  const ids = useMemo(() => shown.map(({ id }) => id), [shown]);
  const place = useListPlace(ids, scroller, {
    at,
    address,
    follow,
    onTop: () => box.current?.focus(),
    onEnd: () => {
      if (runs.hasNextPage && !runs.isFetchingNextPage) void runs.fetchNextPage();
    },
  });
  // In an empty list nothing is being read that could move.
  const atOnce = shown.length === 0 || (follow && !place.reading);
  useFollowing(waiting, atOnce, followNew);

  function setFilter(next: AddressFilter) {
    const written = writeFilter(fixedFlow ? without(next, "flow") : next);
    const view = params.get("view");
    // Without any filter, no view is open.
    router.replace(`${path}${written}${written && view ? `&view=${view}` : ""}`, { scroll: false });
  }
  const find = useCallback(
    (text: string) => {
      const next = new URLSearchParams(query);
      if (text) next.set("text", text);
      else next.delete("text");
      next.delete("by");
      router.replace(`${path}${next.size > 0 ? `?${next}` : ""}`, { scroll: false });
    },
    [query, path, router],
  );
  function onKeyDown(event: KeyboardEvent) {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && place.reading) {
      event.stopPropagation();
      place.leave();
      box.current?.focus();
    } else if (place.walk(event.key)) event.preventDefault();
  }

  return (
    <div className="flex h-full min-h-0 flex-col bg-surface">
      <div className="flex shrink-0 items-start gap-3 border-b px-4 py-2">
        {fixedFlow ? <RunsTabs current="messages" flow={fixedFlow} /> : null}
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-2">
          <FindBox ref={box} text={filter.text ?? ""} onFind={find} onWalk={place.walk} />
          <FilterChips
            filter={filter}
            onChange={setFilter}
            flows={flows.data ?? []}
            fixedFlow={fixedFlow !== undefined}
          />
        </div>
        <div className="flex h-[30px] shrink-0 items-center gap-3">
          <SavedViews
            page={fixedFlow ? "flow-runs" : "runs"}
            path={path}
            query={writeFilter(fixedFlow ? without(filter, "flow") : filter)}
            openId={params.get("view")}
          />
          <FollowSwitch on={follow} onChange={setFollow} paused={place.reading} />
        </div>
      </div>
      {fixedFlow ? <RecordingBar flow={fixedFlow} /> : null}
      {filter.text ? (
        <FoundLine
          text={filter.text}
          found={found}
          by={filter.by}
          onNarrow={(by) => setFilter(by ? { ...filter, by } : without(filter, "by"))}
        />
      ) : null}
      <div className="relative min-h-0 flex-1">
        {/* Above the rows, not among them: what appears moves nothing. */}
        <div className="pointer-events-none absolute inset-x-0 top-10 z-20 flex justify-center [&>*]:pointer-events-auto [&>*]:shadow-float">
          <NewRows
            count={atOnce ? 0 : waiting}
            letIn={() => {
              letIn();
              place.leave();
            }}
            scroller={scroller}
          />
        </div>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows move among the links inside */}
        <div
          ref={scroller}
          className="thin-scroll relative h-full overflow-auto"
          onScroll={place.onScroll}
          onKeyDown={onKeyDown}
        >
          {runs.isPending ? <SkeletonRows rows={10} /> : null}
          {runs.error ? <LoadError what="The runs" error={runs.error} onRetry={() => void runs.refetch()} /> : null}
          {runs.data && shown.length === 0 ? (
            <NoRuns filter={filter} fixedFlow={fixedFlow} onChange={setFilter} />
          ) : null}
          {shown.length > 0 ? (
            <RunTable
              runs={shown}
              showFlow={!fixedFlow}
              showMatches={found !== undefined && found.length > 1}
              titles={flows.data ?? []}
              place={place}
            />
          ) : null}
          {runs.hasNextPage ? (
            <div className="flex justify-center p-3">
              <Button busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
                Show older
              </Button>
            </div>
          ) : null}
        </div>
      </div>
    </div>
  );
}
