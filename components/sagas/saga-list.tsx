"use client";

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { SagaSummary } from "@/server/saga-views";
import { RunsTabs } from "../runs/runs-tabs";
import { useHasRole } from "../shell/session";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { Button } from "../ui/button";
import { toggleChosen } from "../ui/choose-all";
import { formatPlural } from "../ui/formats";
import { NewRows } from "../ui/new-rows";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { BulkDialog } from "./bulk-dialog";
import { NoSagas } from "./no-sagas";
import type { BulkAction } from "./saga-acts";
import { SagaChips } from "./saga-chips";
import {
  filterAt,
  type ListedSaga,
  readSagaFilter,
  type SagaAddress,
  settleSagas,
  writeSagaFilter,
} from "./saga-filter";
import { SagaTable } from "./saga-table";

const pageSize = 100;
const none: ReadonlySet<string> = new Set();

/** A live list of sagas. Rows change in place; new ones wait behind "3 new", so that what is read does not move. */
export function SagaList({ flow: fixedFlow }: { flow?: string }) {
  const trpc = useTRPC();
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  const mayDecide = useHasRole("editor");
  const mayAct = useHasRole("operator");
  const query = params.toString();
  const filter = useMemo<SagaAddress>(() => {
    const read = readSagaFilter(new URLSearchParams(query));
    return fixedFlow ? { ...read, flow: fixedFlow } : read;
  }, [query, fixedFlow]);
  const flows = useQuery(trpc.flows.list.queryOptions());
  const counts = useQuery(
    trpc.sagas.counts.queryOptions(fixedFlow ? { flow: fixedFlow } : {}, { refetchInterval: 5_000 }),
  );
  const { rows, fresh, letIn, sagas } = useListedSagas(filter);
  const scroller = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(none);
  const [asking, setAsking] = useState<BulkAction | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen belongs to what is listed
  useEffect(() => setChosen(none), [filter]);
  const onToggle = useCallback((id: string, on: boolean) => setChosen((before) => toggleChosen(before, id, on)), []);
  const picked = useMemo(
    () => rows.flatMap(({ saga }) => (chosen.has(saga.id) && !saga.endedAt ? [saga] : [])),
    [rows, chosen],
  );

  function setFilter(next: SagaAddress) {
    const { flow: _fixed, ...rest } = next;
    router.replace(`${path}${writeSagaFilter(fixedFlow ? rest : next)}`, { scroll: false });
  }
  const filtered = Object.keys(filter).some((field) => field !== "flow" || !fixedFlow);

  return (
    <div className="flex h-full min-h-0 flex-col bg-surface">
      <div className="flex min-h-[41px] shrink-0 items-center gap-3 border-b px-4 py-2">
        {fixedFlow ? (
          <>
            <RunsTabs current="sagas" flow={fixedFlow} />
            <span className="h-4 w-px bg-line" aria-hidden />
          </>
        ) : null}
        <div className="min-w-0 flex-1">
          <SagaChips
            filter={filter}
            onChange={setFilter}
            counts={counts.data?.groups ?? []}
            flows={flows.data ?? []}
            fixedFlow={fixedFlow !== undefined}
          />
        </div>
        <NewRows count={fresh} letIn={letIn} scroller={scroller} />
      </div>
      {picked.length > 0 ? (
        <BulkBar count={picked.length} mayAct={mayAct} onNone={() => setChosen(none)} onAct={setAsking} />
      ) : null}
      <div ref={scroller} className="thin-scroll relative min-h-0 flex-1 overflow-auto">
        {sagas.isPending ? <SkeletonRows rows={10} /> : null}
        {sagas.error && rows.length === 0 ? (
          <LoadError what="The sagas" error={sagas.error} onRetry={() => void sagas.refetch()} />
        ) : null}
        {sagas.data?.pages[0]?.unseen ? (
          <p role="status" className="border-b px-4 py-2 text-12 text-bad">
            {sagas.data.pages[0].unseen}
          </p>
        ) : null}
        {sagas.data && rows.length === 0 ? (
          <NoSagas filtered={filtered} onClear={() => setFilter({})} flow={filter.flow} />
        ) : null}
        {rows.length > 0 ? (
          <SagaTable
            rows={rows}
            showFlow={!fixedFlow}
            titles={flows.data ?? []}
            chosen={mayDecide ? chosen : null}
            onChoose={setChosen}
            onToggle={onToggle}
          />
        ) : null}
        {sagas.hasNextPage ? (
          <div className="flex justify-center p-3">
            <Button busy={sagas.isFetchingNextPage} onClick={() => void sagas.fetchNextPage()}>
              Show older
            </Button>
          </div>
        ) : null}
      </div>
      {asking ? (
        <BulkDialog
          action={asking}
          sagas={picked}
          onClose={(done) => {
            setAsking(null);
            if (done) setChosen(none);
          }}
        />
      ) : null}
    </div>
  );
}

/** Reads the list every two seconds and settles what came into what is shown. */
function useListedSagas(filter: SagaAddress) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const address = writeSagaFilter(filter);
  const sagas = useInfiniteQuery({
    queryKey: [...trpc.sagas.list.queryKey(), "pages", address],
    queryFn: ({ pageParam, signal }) =>
      client.sagas.list.query({ ...filterAt(filter, Date.now()), ...pageParam, limit: pageSize }, { signal }),
    initialPageParam: {} as { before?: Date; beforeId?: string },
    getNextPageParam: ({ sagas: page, more }) => {
      const last = page.at(-1);
      return more && last ? { before: last.startedAt, beforeId: last.id } : undefined;
    },
    // Each page is read again: who looks far back is served less often.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 1) > 3 ? 10_000 : 2_000),
  });
  const found = useMemo(() => sagas.data?.pages.flatMap((page) => page.sagas), [sagas.data]);
  const more = sagas.hasNextPage;
  const [list, setList] = useState<{ address: string; listed: ListedSaga[]; fresh: SagaSummary[] }>();
  useEffect(() => {
    if (!found) return;
    setList((before) => {
      const shown = before?.address === address ? before.listed : [];
      return { address, ...settleSagas(shown, found, { more }) };
    });
  }, [found, more, address]);
  const letIn = () => found && setList({ address, ...settleSagas([], found, { more }) });
  const here = list?.address === address ? list : undefined;
  const now = useGone(here?.listed ?? []);
  // In an empty list nothing is being read that could move.
  const empty = here?.listed.every(({ gone }) => gone) ?? true;
  return {
    rows:
      empty && here && here.fresh.length > 0
        ? here.fresh.map((saga) => ({ saga, gone: false }))
        : (here?.listed ?? []).map((row) => (row.gone ? (now.get(row.saga.id) ?? row) : row)),
    fresh: empty ? 0 : (here?.fresh.length ?? 0),
    letIn,
    sagas,
  };
}

/** As many rows that left the list are told on about: the ones on top. */
const followedRows = 50;

/** Rows that left the list, as they stand now: they tell where the saga went. */
function useGone(listed: readonly ListedSaga[]): ReadonlyMap<string, ListedSaga> {
  const trpc = useTRPC();
  const ids = listed
    .filter(({ gone }) => gone)
    .map(({ saga }) => saga.id)
    .slice(0, followedRows);
  const now = useQuery({
    ...trpc.sagas.these.queryOptions({ ids }),
    enabled: ids.length > 0,
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return useMemo(() => new Map((now.data ?? []).map((saga) => [saga.id, { saga, gone: true }])), [now.data]);
}

function BulkBar({
  count,
  mayAct,
  onNone,
  onAct,
}: {
  count: number;
  mayAct: boolean;
  onNone(): void;
  onAct(action: BulkAction): void;
}) {
  return (
    <div className="flex h-10 shrink-0 items-center gap-2 border-b bg-accent-soft px-4">
      <span className="flex-1 font-medium">{formatPlural(count, "saga")} chosen</span>
      <Button size="sm" variant="ghost" onClick={onNone}>
        Choose none
      </Button>
      <Button size="sm" onClick={() => onAct("approve")}>
        Approve…
      </Button>
      <Button size="sm" onClick={() => onAct("reject")}>
        Reject…
      </Button>
      {mayAct ? (
        <>
          <Button size="sm" onClick={() => onAct("cancel")}>
            Cancel…
          </Button>
          <Button size="sm" variant="primary" onClick={() => onAct("retry")}>
            Retry stuck…
          </Button>
        </>
      ) : null}
    </div>
  );
}
