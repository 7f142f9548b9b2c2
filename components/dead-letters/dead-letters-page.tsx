"use client";

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Download, Inbox } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useMemo, useState } from "react";
import type { DeadLetterSummary } from "@/server/views";
import { PageHeader } from "../shell/page-header";
import { useHasRole } from "../shell/session";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { Button, ButtonLink, IconButton } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { formatPlural } from "../ui/formats";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { notifyDone, notifyError } from "../ui/toast";
import { DiscardDialog } from "./discard-dialog";
import { type ExportFilter, exportLetters } from "./export-letters";
import { ForwardNote } from "./forward-note";
import { GroupList } from "./group-list";
import { LetterPanel } from "./letter-panel";
import { canChoose, LetterTable } from "./letter-table";
import { LettersFilter } from "./letters-filter";
import { type LetterPlace, listFilterOf, readPlace } from "./letters-place";
import { LettersTabs } from "./letters-tabs";
import { RedriveDialog } from "./redrive-dialog";
import type { LettersOf } from "./redrive-request";
import { RedriveStrip } from "./redrive-strip";
import { useRunningFlows } from "./use-running-flows";
import { useTakeBack } from "./use-take-back";

const pageSize = 100;

/** Messages that could not be worked, by cause: see, mend, send again, discard. */
export function DeadLettersPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  const mayRedrive = useHasRole("operator");
  const place = useMemo(() => readPlace(params), [params]);
  const { flow, cause, key, state } = place;
  const openId = params.get("id");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [sending, setSending] = useState<{ ids?: string[]; group?: LettersOf } | null>(null);
  const takeBack = useTakeBack();
  const [discarding, setDiscarding] = useState<readonly string[] | LettersOf | null>(null);

  /** What is filtered otherwise opens no letter. */
  function setAddress(change: Partial<Record<keyof LetterPlace | "id", string | null>>) {
    const next = new URLSearchParams(params.toString());
    for (const [name, value] of Object.entries({ id: null, ...change })) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    router.replace(`${path}${next.size ? `?${next}` : ""}`, { scroll: false });
  }

  const groups = useQuery(trpc.deadLetters.groups.queryOptions(flow ? { flow } : {}, { refetchInterval: 5_000 }));
  const running = useRunningFlows();
  const filter = useMemo(() => listFilterOf(place), [place]);
  const letters = useInfiniteQuery({
    queryKey: [...trpc.deadLetters.list.queryKey(filter), "pages"],
    queryFn: ({ pageParam, signal }) =>
      client.deadLetters.list.query({ ...filter, ...pageParam, limit: pageSize }, { signal }),
    initialPageParam: {} as { before?: Date; beforeId?: string },
    getNextPageParam: ({ items, more }) => {
      const last = items.at(-1);
      return more && last ? { before: last.createdAt, beforeId: last.id } : undefined;
    },
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen belongs to what is listed
  useEffect(() => setChosen(new Set()), [filter]);
  const shown = letters.data?.pages.flatMap((page) => page.items) ?? [];
  const total = letters.data?.pages[0]?.total ?? 0;
  const idsIn = (wanted: DeadLetterSummary["state"]) =>
    shown.filter(({ id, state }) => chosen.has(id) && state === wanted).map(({ id }) => id);
  const ids = idsIn("waiting");
  const discarded = idsIn("discarded");
  const isNarrowed = Object.keys(filter).some((name) => name !== "flow" && name !== "state");
  const nothingAtAll =
    !isNarrowed && state === "open" && groups.data?.length === 0 && letters.data && shown.length === 0;

  async function download(which: ExportFilter): Promise<void> {
    try {
      const { count, cut } = await exportLetters((page) => client.deadLetters.export.query(page), which);
      notifyDone(`${formatPlural(count, "dead letter")} exported`, {
        ...(cut ? { description: "More do not fit into one download; `flow dead --export` writes all." } : {}),
      });
    } catch (error) {
      notifyError("The dead letters were not exported", error);
    }
  }

  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader
        title="Dead letters"
        tabs={<LettersTabs current="dead" flow={flow} filterKey={key} />}
        badge={total > 0 ? <span className="text-muted">{formatPlural(total, "message")}</span> : null}
      >
        <IconButton
          label="Export what is listed as NDJSON"
          disabled={total === 0}
          onClick={() => void download(filter)}
        >
          <Download />
        </IconButton>
      </PageHeader>
      <LettersFilter place={place} groups={groups.data ?? []} onChange={setAddress} />
      <RedriveStrip
        flow={flow}
        running={running}
        onShow={(redrive) => setAddress({ redrive: redrive.id, state: "all", cause: null, key: null, text: null })}
      />
      <ForwardNote flow={flow} />
      {nothingAtAll ? (
        <EmptyState icon={<Inbox />} title="No dead letters" action={<ButtonLink href="/flows">Open flows</ButtonLink>}>
          A message that a node gave up on, and whose error port is wired to nothing, is kept here whole, with its
          cause. There is none: everything went its way, was sent again or was discarded.
        </EmptyState>
      ) : (
        <div className="flex min-h-0 flex-1">
          {/* Causes are counted over all that is open. */}
          {(state === "open" || state === "waiting") && !key && !place.redrive && groups.data?.length ? (
            <GroupList
              groups={groups.data}
              current={cause ?? null}
              onSelect={(fingerprint) => setAddress({ cause: fingerprint })}
              onSend={mayRedrive ? (group) => setSending({ group }) : undefined}
              onDiscard={mayRedrive ? setDiscarding : undefined}
              onExport={({ flow, fingerprint }) =>
                void download({ state: "open", flow, ...(fingerprint ? { fingerprint } : {}) })
              }
            />
          ) : null}
          <div className="flex min-h-0 min-w-0 flex-1 flex-col">
            {ids.length + discarded.length > 0 ? (
              <div className="flex h-10 shrink-0 items-center gap-2 border-b bg-accent-soft px-4">
                <span className="flex-1 font-medium">
                  {formatPlural(ids.length + discarded.length, "message")} chosen
                </span>
                <Button size="sm" variant="ghost" onClick={() => setChosen(new Set())}>
                  Choose none
                </Button>
                {discarded.length > 0 ? (
                  <Button size="sm" busy={takeBack.isPending} onClick={() => takeBack.mutate({ ids: discarded })}>
                    {ids.length > 0 ? `Take back ${discarded.length}` : "Take back"}
                  </Button>
                ) : null}
                {ids.length > 0 ? (
                  <>
                    <Button size="sm" onClick={() => setDiscarding(ids)}>
                      Discard…
                    </Button>
                    <Button size="sm" variant="primary" onClick={() => setSending({ ids })}>
                      Send again…
                    </Button>
                  </>
                ) : null}
              </div>
            ) : null}
            <div className="thin-scroll min-h-0 flex-1 overflow-auto">
              {letters.isPending ? <SkeletonRows rows={8} /> : null}
              {letters.error ? (
                <LoadError what="The dead letters" error={letters.error} onRetry={() => void letters.refetch()} />
              ) : null}
              {letters.data && shown.length === 0 ? (
                <EmptyState
                  icon={<Inbox />}
                  title="None fits"
                  action={<ButtonLink href={path}>Show all that are open</ButtonLink>}
                >
                  No dead letter{flow ? ` of ${flow}` : ""} has what the filter above asks for.
                </EmptyState>
              ) : null}
              {shown.length > 0 ? (
                <LetterTable
                  letters={shown}
                  chosen={chosen}
                  onChoose={setChosen}
                  openId={openId}
                  onOpen={(id) => setAddress({ id })}
                  selectable={mayRedrive && shown.some(canChoose)}
                  compact={openId !== null}
                  running={running}
                />
              ) : null}
              {letters.hasNextPage ? (
                <div className="flex justify-center p-3">
                  <Button busy={letters.isFetchingNextPage} onClick={() => void letters.fetchNextPage()}>
                    Show older
                  </Button>
                </div>
              ) : null}
            </div>
          </div>
          {openId ? <LetterPanel key={openId} id={openId} onClose={() => setAddress({})} /> : null}
        </div>
      )}
      {sending ? (
        <RedriveDialog
          {...sending}
          flows={sending.group ? [sending.group.flow] : flowsOf(shown, sending.ids ?? [])}
          onClose={() => {
            setSending(null);
            setChosen(new Set());
          }}
        />
      ) : null}
      {discarding ? (
        <DiscardDialog
          letters={discarding}
          onClose={() => {
            setDiscarding(null);
            setChosen(new Set());
          }}
        />
      ) : null}
    </div>
  );
}

function flowsOf(letters: readonly DeadLetterSummary[], ids: readonly string[]): string[] {
  return [...new Set(letters.filter(({ id }) => ids.includes(id)).map(({ flow }) => flow))];
}
