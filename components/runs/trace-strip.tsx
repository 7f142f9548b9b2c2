"use client";

import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { useMemo } from "react";
import type { RunSummary, RunView } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { formatDuration, formatExact } from "../ui/formats";
import { wordsOfRun } from "../ui/state-words";
import { Dot } from "../ui/tag";

/** The runs of a trace in the order in which they began; the one that is open among them. */
export function listParts(run: RunView): RunSummary[] {
  const parts = new Map([run, ...run.related].map((each) => [each.id, each] as const));
  return [...parts.values()].sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
}

/**
 * The whole way of a message over flows, topics and queues: each part with the flow, where the message lay before it, how it ended and when.
 * A part is opened in its place. Nothing where the trace is this run alone.
 */
export function TraceStrip({ run }: { run: RunView }) {
  const trpc = useTRPC();
  const flows = useQuery(trpc.flows.list.queryOptions());
  const parts = useMemo(() => listParts(run), [run]);
  if (parts.length < 2) return null;
  const begin = parts[0]!.startedAt.getTime();
  const titleOf = (name: string) => flows.data?.find((flow) => flow.name === name)?.title ?? name;
  return (
    <nav
      aria-label="The whole way of this message"
      className="thin-scroll flex shrink-0 items-stretch overflow-x-auto border-b bg-sunken px-3 py-1.5 text-12"
    >
      {parts.map((part, index) => {
        const here = part.id === run.id;
        const { tone, words } = wordsOfRun(part.state);
        return (
          <span key={part.id} className="flex shrink-0 items-center">
            {index > 0 ? <ChevronRight className="mx-0.5 size-3.5 text-faint" aria-hidden /> : null}
            <Link
              href={`/runs/${part.id}`}
              scroll={false}
              aria-current={here ? "page" : undefined}
              title={`${words}, ${formatExact(part.startedAt)}, took ${formatDuration(part.durationMs)}`}
              className={clsx(
                "flex flex-col rounded-md border px-2 py-0.5",
                here ? "border-accent bg-accent-soft" : "border-transparent hover:bg-hover",
              )}
            >
              <span className="flex items-center gap-1.5 font-medium">
                <Dot tone={tone} />
                {titleOf(part.flow)}
                <span className="font-normal text-faint">v{part.version}</span>
              </span>
              <span className="font-mono text-faint">
                {part.lane} @ {part.position} · +{formatDuration(part.startedAt.getTime() - begin)}
              </span>
            </Link>
          </span>
        );
      })}
    </nav>
  );
}
