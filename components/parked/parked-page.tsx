"use client";

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Clock } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useMemo, useState } from "react";
import { LettersTabs } from "../dead-letters/letters-tabs";
import { PageHeader } from "../shell/page-header";
import { useHasRole } from "../shell/session";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { Button, ButtonLink } from "../ui/button";
import { SetChip } from "../ui/chip";
import { EmptyState } from "../ui/empty-state";
import { formatPlural } from "../ui/formats";
import { LoadError } from "../ui/query-states";
import { Select } from "../ui/select";
import { SkeletonRows } from "../ui/skeleton";
import { notifyError } from "../ui/toast";
import { GiveUpDialog } from "./give-up-dialog";
import { NodeList } from "./node-list";
import { ParkedTable } from "./parked-table";
import { TryAllDialog } from "./try-all-dialog";
import { type ParkedChoice, useParkedActions } from "./use-parked-actions";

const pageSize = 100;

/** Messages that wait, stored, for a later try: see what each waits for, try it now, give it up. */
export function ParkedPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  const mayAct = useHasRole("operator");
  const { tryNow, busy } = useParkedActions();
  const flow = params.get("flow") || undefined;
  const node = params.get("node") || null;
  const key = params.get("key") || undefined;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<{ what: "try" | "give-up"; choice: ParkedChoice; count: number } | null>(null);

  function setAddress(next: { flow?: string | undefined; node?: string | undefined; key?: string | undefined }) {
    const query = new URLSearchParams(Object.entries(next).filter((entry): entry is [string, string] => !!entry[1]));
    router.replace(`${path}${query.size ? `?${query}` : ""}`, { scroll: false });
  }

  const flows = useQuery(trpc.flows.list.queryOptions());
  const groups = useQuery(trpc.parked.groups.queryOptions(flow ? { flow } : {}, { refetchInterval: 2_000 }));
  const filter = useMemo(
    () => ({ ...(flow ? { flow } : {}), ...(node ? { node } : {}), ...(key ? { key } : {}) }),
    [flow, node, key],
  );
  const parked = useInfiniteQuery({
    queryKey: [...trpc.parked.list.queryKey(filter), "pages"],
    queryFn: ({ pageParam, signal }) =>
      client.parked.list.query({ ...filter, offset: pageParam, limit: pageSize }, { signal }),
    initialPageParam: 0,
    getNextPageParam: ({ more }, pages) => (more ? pages.length * pageSize : undefined),
    placeholderData: keepPreviousData,
    refetchInterval: 2_000,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen belongs to what is listed
  useEffect(() => setChosen(new Set()), [filter]);
  const shown = parked.data?.pages.flatMap((page) => page.items) ?? [];
  const total = parked.data?.pages[0]?.total ?? 0;
  const ids = shown.filter(({ id, givenUp }) => chosen.has(id) && !givenUp).map(({ id }) => id);
  const ofNode = flow && node && !key ? { flow, node } : null;

  async function tryThese(choice: ParkedChoice) {
    try {
      await tryNow(choice);
      setChosen(new Set());
    } catch (error) {
      notifyError("They were not made due", error);
    }
  }

  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title="Dead letters" tabs={<LettersTabs current="parked" flow={flow} filterKey={key} />}>
        {ofNode && mayAct && total > 0 ? (
          <>
            <Button onClick={() => setAsking({ what: "give-up", choice: ofNode, count: total })}>Give up all…</Button>
            <Button onClick={() => setAsking({ what: "try", choice: ofNode, count: total })}>Try all now…</Button>
          </>
        ) : null}
        {key ? (
          <SetChip label="Key" value={key} mono onRemove={() => setAddress({ flow, node: node ?? undefined })} />
        ) : null}
        <Select
          label="Flow"
          className="!w-52"
          value={flow ?? ""}
          onValueChange={(next) => setAddress({ flow: next, key })}
          options={[
            { value: "", label: "All flows" },
            ...(flows.data ?? []).map((each) => ({ value: each.name, label: each.title })),
          ]}
        />
      </PageHeader>
      {parked.data && shown.length === 0 ? (
        <NothingWaits
          filtered={flow !== undefined || node !== null || key !== undefined}
          onClear={() => setAddress({})}
        />
      ) : (
        <div className="flex min-h-0 flex-1">
          {/* Nodes are counted over all keys. */}
          {groups.data?.length && !key ? (
            <NodeList
              groups={groups.data}
              current={{ flow, node }}
              onSelect={(group) => setAddress(group ? { flow: group.flow, node: group.node } : { flow })}
            />
          ) : null}
          <div className="flex min-h-0 min-w-0 flex-1 flex-col">
            {ids.length > 0 ? (
              <div className="flex h-10 shrink-0 items-center gap-2 border-b bg-accent-soft px-4">
                <span className="flex-1 font-medium">{formatPlural(ids.length, "message")} chosen</span>
                <Button size="sm" variant="ghost" onClick={() => setChosen(new Set())}>
                  Choose none
                </Button>
                <Button size="sm" onClick={() => setAsking({ what: "give-up", choice: { ids }, count: ids.length })}>
                  Give up…
                </Button>
                <Button size="sm" variant="primary" busy={busy} onClick={() => void tryThese({ ids })}>
                  Try now
                </Button>
              </div>
            ) : null}
            <div className="thin-scroll min-h-0 flex-1 overflow-auto">
              {parked.isPending ? <SkeletonRows rows={8} /> : null}
              {parked.error ? (
                <LoadError what="What waits" error={parked.error} onRetry={() => void parked.refetch()} />
              ) : null}
              {shown.length > 0 ? (
                <ParkedTable
                  messages={shown}
                  chosen={chosen}
                  onChoose={setChosen}
                  showFlow={flow === undefined}
                  acts={
                    mayAct
                      ? {
                          tryNow: (id) => void tryThese({ ids: [id] }),
                          giveUp: (id) => setAsking({ what: "give-up", choice: { ids: [id] }, count: 1 }),
                        }
                      : undefined
                  }
                />
              ) : null}
              {parked.hasNextPage ? (
                <div className="flex justify-center p-3">
                  <Button busy={parked.isFetchingNextPage} onClick={() => void parked.fetchNextPage()}>
                    Show more
                  </Button>
                </div>
              ) : null}
            </div>
          </div>
        </div>
      )}
      {asking?.what === "give-up" ? (
        <GiveUpDialog
          {...asking}
          onClose={() => {
            setAsking(null);
            setChosen(new Set());
          }}
        />
      ) : null}
      {asking?.what === "try" ? <TryAllDialog {...asking} node={node ?? ""} onClose={() => setAsking(null)} /> : null}
    </div>
  );
}

function NothingWaits({ filtered, onClear }: { filtered: boolean; onClear(): void }) {
  return (
    <EmptyState
      icon={<Clock />}
      title={filtered ? "Nothing waits here" : "Nothing waits for a later try"}
      action={
        filtered ? (
          <Button onClick={onClear}>Show all that wait</Button>
        ) : (
          <ButtonLink href="/flows">Open flows</ButtonLink>
        )
      }
    >
      A message whose next try is more than a few seconds away is kept here, with all later ones of its key, so that its
      lane goes on. How often and how long is set at each node under Errors and retry.
    </EmptyState>
  );
}
