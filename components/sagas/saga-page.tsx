"use client";

import { useQuery } from "@tanstack/react-query";
import { SearchX } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useMemo, useState } from "react";
import type { SagaAction, SagaView } from "@/server/saga-views";
import { PageHeader } from "../shell/page-header";
import { useTRPC } from "../trpc/context";
import { ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { wordsOfError } from "../ui/error-words";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { notifyDone, notifyError } from "../ui/toast";
import { ActDialog } from "./act-dialog";
import type { AskedAction } from "./act-words";
import { SagaDrawing } from "./saga-drawing";
import { SagaHeader } from "./saga-header";
import { SagaNotice } from "./saga-notice";
import { SagaPanel } from "./saga-panel";
import { placeToShow, readPlace, type SagaPlace, settlePlace, writePlace } from "./saga-place";
import { tellSaga } from "./saga-story";
import { SagaTimeAxis } from "./saga-time-axis";
import { StoryList } from "./story-list";
import { useSagaActs } from "./use-saga-acts";

const refreshMs = 1_000;

/** One saga: what happened, the drawing of its version, time, each attempt, and what a person can do. Live until it has ended. */
export function SagaPage({ id }: { id: string }) {
  const trpc = useTRPC();
  const saga = useQuery(
    trpc.sagas.get.queryOptions(
      { id },
      { refetchInterval: ({ state }) => (state.data?.state.phase === "ended" ? false : refreshMs) },
    ),
  );
  if (saga.data) return <Saga saga={saga.data} />;
  const missing = saga.error ? wordsOfError(saga.error).code === "saga-missing" : false;
  return (
    <div className="flex h-full flex-col">
      <PageHeader
        crumbs={[
          { label: "Runs", href: "/runs" },
          { label: "Sagas", href: "/sagas" },
        ]}
        title="Saga"
      />
      {saga.isPending ? <SkeletonRows rows={6} /> : null}
      {missing ? (
        <EmptyState
          icon={<SearchX />}
          title="There is no such saga"
          action={<ButtonLink href="/sagas">Open sagas</ButtonLink>}
        >
          It ended and its time was over, its flow was deleted with all it held, or the link was cut on its way.
        </EmptyState>
      ) : null}
      {saga.error && !missing ? (
        <LoadError what="The saga" error={saga.error} onRetry={() => void saga.refetch()} />
      ) : null}
    </div>
  );
}

function Saga({ saga }: { saga: SagaView }) {
  const router = useRouter();
  const path = usePathname();
  const asked = useSearchParams().get("at");
  const { actOnOne, busy } = useSagaActs();
  const [acting, setActing] = useState<{ action: AskedAction; node: string | undefined } | null>(null);
  const entries = useMemo(() => tellSaga(saga.state, saga.start, saga.document), [saga]);
  const place = settlePlace(readPlace(asked) ?? placeToShow(saga.state, saga.start), saga.state);
  const select = (next: SagaPlace) => router.replace(`${path}?at=${writePlace(next)}`, { scroll: false });

  async function act(action: SagaAction, node?: string) {
    if (action !== "retry") {
      setActing({ action, node });
      return;
    }
    try {
      await actOnOne({ id: saga.id, action, ...(node ? { node } : {}) });
      notifyDone("Tried again now");
    } catch (error) {
      notifyError("It was not tried again", error);
    }
  }

  return (
    <div className="flex h-full min-h-0 flex-col">
      <SagaHeader saga={saga} busy={busy} onAct={act} />
      <SagaNotice saga={saga} onSelect={select} />
      <div className="grid min-h-0 flex-1 grid-cols-[252px_minmax(0,1fr)_minmax(348px,400px)]">
        <StoryList saga={saga} entries={entries} place={place} onSelect={select} />
        <div className="grid min-h-0 min-w-0 grid-rows-[minmax(0,1fr)_auto]">
          <SagaDrawing
            saga={saga}
            // Until something is chosen, the whole way is seen.
            selected={asked === null ? null : place.node}
            onSelect={(node) => node && select({ node })}
          />
          <SagaTimeAxis saga={saga} place={place} onSelect={select} />
        </div>
        <SagaPanel saga={saga} place={place} busy={busy} onSelect={select} onAct={act} />
      </div>
      {acting ? <ActDialog saga={saga} {...acting} onClose={() => setActing(null)} /> : null}
    </div>
  );
}
