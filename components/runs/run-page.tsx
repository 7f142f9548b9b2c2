"use client";

import { useQuery } from "@tanstack/react-query";
import { SearchX } from "lucide-react";
import { usePathname, useSearchParams } from "next/navigation";
import { useCallback, useMemo, useState } from "react";
import type { RunSummary, RunView } from "@/server/views";
import { PageHeader } from "../shell/page-header";
import { useTRPC } from "../trpc/context";
import { ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { wordsOfError } from "../ui/error-words";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { AgainLine } from "./again-line";
import { RunBody, useWalk } from "./run-body";
import { RunHeader } from "./run-header";
import { type GoTo, TraceParts } from "./trace-parts";
import { listParts, TraceStrip } from "./trace-strip";

/** One message's way: steps, drawing of its version, time, and what each node was given and gave. */
export function RunPage({ id }: { id: string }) {
  const trpc = useTRPC();
  const run = useQuery(trpc.runs.get.queryOptions({ id }, { staleTime: 60_000 }));
  if (run.data) return <Run key={id} run={run.data} />;
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
  const path = usePathname();
  const params = useSearchParams();
  const trpc = useTRPC();
  const flows = useQuery(trpc.flows.list.queryOptions());
  const parts = useMemo(() => listParts(run), [run]);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => readOpen(params.get("parts"), run, parts));
  const [goTo, setGoTo] = useState<GoTo | null>(null);
  // In the address alone: the server has nothing to say to a step, and one walks through hundreds of them.
  const write = useCallback(
    (name: string, value: string | null) => {
      const next = new URLSearchParams(window.location.search);
      if (value === null) next.delete(name);
      else next.set(name, value);
      window.history.replaceState(null, "", `${path}${next.size ? `?${next}` : ""}`);
    },
    [path],
  );
  const walk = useWalk(
    run,
    params.get("step"),
    useCallback((step: number) => write("step", String(step)), [write]),
  );
  function unfold(next: ReadonlySet<string>) {
    setOpen(next);
    const isUsual = next.size === 1 && next.has(run.id);
    write("parts", isUsual ? null : [...next].join(".") || "none");
  }
  function goToPart(id: string) {
    if (!open.has(id)) unfold(new Set([...open, id]));
    setGoTo({ id });
  }
  const titleOf = (name: string) => flows.data?.find((flow) => flow.name === name)?.title ?? name;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <RunHeader run={run} visits={walk.visits} step={walk.attempt?.step ?? null} />
      <AgainLine run={run} />
      {parts.length > 1 ? (
        <>
          <TraceStrip run={run} parts={parts} open={open} titleOf={titleOf} onPart={goToPart} />
          <TraceParts
            {...{ run, walk, parts, open, goTo, titleOf }}
            onToggle={(id) => unfold(new Set(open.has(id) ? [...open].filter((each) => each !== id) : [...open, id]))}
            onPart={goToPart}
          />
        </>
      ) : (
        <RunBody run={run} walk={walk} onPart={goToPart} />
      )}
    </div>
  );
}

/** The parts that an address unfolds: `none`, or ids with dots between; by itself the run whose page it is. */
function readOpen(asked: string | null, run: RunView, parts: readonly RunSummary[]): ReadonlySet<string> {
  if (asked === null) return new Set([run.id]);
  const known = new Set(parts.map(({ id }) => id));
  return new Set(asked.split(".").filter((id) => known.has(id)));
}
