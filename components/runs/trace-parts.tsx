"use client";

import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useEffect, useRef } from "react";
import type { RunSummary, RunView } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { formatDuration } from "../ui/formats";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { wordsOfRun } from "../ui/state-words";
import { Dot } from "../ui/tag";
import { RunBody, useWalk, type Walk } from "./run-body";
import { placeOfRun } from "./run-titles";

/** Which part is to be brought into sight, told anew each time. */
export interface GoTo {
  readonly id: string;
}

/** Every part of a trace below each other, each unfolded in its place on demand; several may be open. */
export function TraceParts({
  run,
  walk,
  parts,
  open,
  goTo,
  titleOf,
  onToggle,
  onPart,
}: {
  run: RunView;
  /** Of the run whose page it is. */
  walk: Walk;
  parts: readonly RunSummary[];
  open: ReadonlySet<string>;
  goTo: GoTo | null;
  titleOf(flow: string): string;
  onToggle(id: string): void;
  /** Unfolds a part and brings it into sight. */
  onPart(id: string): void;
}) {
  const begin = parts[0]!.startedAt.getTime();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (goTo) list.current?.querySelector(`[data-part="${goTo.id}"]`)?.scrollIntoView({ block: "start" });
  }, [goTo]);
  return (
    <div ref={list} className="thin-scroll flex min-h-0 flex-1 flex-col overflow-auto">
      {parts.map((part, index) => (
        <Part
          key={part.id}
          part={part}
          name={`Part ${index + 1} of ${parts.length}: ${titleOf(part.flow)}`}
          title={titleOf(part.flow)}
          after={part.startedAt.getTime() - begin}
          isOwn={part.id === run.id}
          isOpen={open.has(part.id)}
          onToggle={() => onToggle(part.id)}
        >
          {part.id === run.id ? (
            <RunBody run={run} walk={walk} onPart={onPart} />
          ) : (
            <OtherPart id={part.id} onPart={onPart} />
          )}
        </Part>
      ))}
    </div>
  );
}

function Part({
  part,
  name,
  title,
  after,
  isOwn,
  isOpen,
  onToggle,
  children,
}: {
  part: RunSummary;
  name: string;
  title: string;
  /** Milliseconds after the first part began. */
  after: number;
  isOwn: boolean;
  isOpen: boolean;
  onToggle(): void;
  children: ReactNode;
}) {
  const { tone, words } = wordsOfRun(part.state, part.settled);
  return (
    <section
      aria-label={name}
      data-part={part.id}
      // One that is open takes the room that is left; of several each has enough to be read.
      className={clsx("flex flex-col border-b", isOpen ? "min-h-[520px] flex-[1_0_520px]" : "flex-none")}
    >
      <div className="flex h-10 shrink-0 items-center gap-2 bg-sunken pr-4">
        <h2 className="flex min-w-0 flex-1">
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={onToggle}
            className="flex h-10 min-w-0 flex-1 items-center gap-2 px-3 text-left hover:bg-hover"
          >
            <ChevronRight className={clsx("size-4 shrink-0 text-faint", isOpen && "rotate-90")} aria-hidden />
            <Dot tone={tone} label={words} />
            <span className="truncate font-medium">{title}</span>
            <span className="text-12 text-muted">v{part.version}</span>
            {isOwn ? <span className="text-12 text-muted">this run</span> : null}
            <span className="min-w-0 truncate font-mono text-12 text-muted">{placeOfRun(part)}</span>
            <span className="ml-auto shrink-0 font-mono text-12 text-muted">
              +{formatDuration(after)} · took {formatDuration(part.durationMs)}
            </span>
          </button>
        </h2>
        {isOwn ? null : (
          <Link href={`/runs/${part.id}`} className="shrink-0 text-12 text-accent hover:underline">
            Open alone
          </Link>
        )}
      </div>
      {isOpen ? <div className="flex min-h-0 flex-1 flex-col border-t">{children}</div> : null}
    </section>
  );
}

/** Loaded when it is unfolded. */
function OtherPart({ id, onPart }: { id: string; onPart(id: string): void }) {
  const trpc = useTRPC();
  const run = useQuery(trpc.runs.get.queryOptions({ id }, { staleTime: 60_000 }));
  if (run.error) return <LoadError what="This part" error={run.error} onRetry={() => void run.refetch()} />;
  return run.data ? <LoadedPart run={run.data} onPart={onPart} /> : <SkeletonRows rows={6} />;
}

function LoadedPart({ run, onPart }: { run: RunView; onPart(id: string): void }) {
  const walk = useWalk(run, null);
  return <RunBody run={run} walk={walk} onPart={onPart} />;
}
