"use client";

import { useQuery } from "@tanstack/react-query";
import { SearchX } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useMemo } from "react";
import type { RunView } from "@/server/views";
import { PageHeader } from "../shell/page-header";
import { useTRPC } from "../trpc/context";
import { ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { wordsOfError } from "../ui/error-words";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { RunDrawing } from "./run-drawing";
import { RunHeader } from "./run-header";
import { StepList } from "./step-list";
import { StepPanel } from "./step-panel";
import { TimeAxis } from "./time-axis";
import { TraceStrip } from "./trace-strip";
import { visitsOf, visitToShow } from "./visits";

/** One message's way: steps, drawing of its version, time, and what each node was given and gave. */
export function RunPage({ id }: { id: string }) {
  const trpc = useTRPC();
  const run = useQuery(trpc.runs.get.queryOptions({ id }, { staleTime: 60_000 }));
  if (run.data) return <Run run={run.data} />;
  const missing = run.error ? wordsOfError(run.error).code === "run-missing" : false;
  return (
    <div className="flex h-full flex-col">
      <PageHeader crumbs={[{ label: "Runs", href: "/runs" }]} title="Run" />
      {run.isPending ? <SkeletonRows rows={6} /> : null}
      {missing ? (
        <EmptyState
          icon={<SearchX />}
          title="There is no such run"
          action={<ButtonLink href="/runs">Open runs</ButtonLink>}
        >
          Its day was removed by retention, or the link was cut on its way.
        </EmptyState>
      ) : null}
      {run.error && !missing ? <LoadError what="The run" error={run.error} onRetry={() => void run.refetch()} /> : null}
    </div>
  );
}

function Run({ run }: { run: RunView }) {
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  const visits = useMemo(() => visitsOf(run.detail), [run.detail]);
  const asked = params.get("step");
  const selected =
    (asked === null ? undefined : visits.find((visit) => visit.attempts.some(({ step }) => step === Number(asked)))) ??
    visitToShow(visits);
  const attempt = selected?.attempts.find(({ step }) => step === Number(asked)) ?? selected?.attempts.at(-1);
  const select = (step: number) => router.replace(`${path}?step=${step}`, { scroll: false });
  function selectNode(node: string | null) {
    const visit = visits.find((each) => each.node === node);
    const last = visit?.attempts.at(-1);
    if (last) select(last.step);
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <RunHeader run={run} visits={visits} step={attempt?.step ?? null} />
      <TraceStrip run={run} />
      <div className="grid min-h-0 flex-1 grid-cols-[232px_minmax(0,1fr)_minmax(360px,460px)]">
        <StepList
          run={run}
          visits={visits}
          selected={selected}
          onSelect={(visit) => select(visit.attempts.at(-1)!.step)}
        />
        <div className="grid min-h-0 min-w-0 grid-rows-[minmax(0,1fr)_minmax(120px,auto)]">
          <RunDrawing run={run} visits={visits} selected={selected?.node ?? null} onSelect={selectNode} />
          <TimeAxis run={run} visits={visits} selected={selected} onSelect={select} />
        </div>
        {selected && attempt ? (
          <StepPanel key={selected.step} run={run} visit={selected} attempt={attempt} onSelect={select} />
        ) : (
          <aside className="border-l bg-surface p-4 text-muted">No step was kept of this run.</aside>
        )}
      </div>
    </div>
  );
}
