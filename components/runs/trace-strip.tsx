"use client";

import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import type { RunSummary, RunView } from "@/server/views";
import { formatDuration, formatExact } from "../ui/formats";
import { wordsOfRun } from "../ui/state-words";
import { Dot } from "../ui/tag";
import { placeOfRun } from "./run-titles";

/** The runs of a trace in the order in which they began; the one that is open among them. */
export function listParts(run: RunView): RunSummary[] {
  const parts = new Map([run, ...run.related].map((each) => [each.id, each] as const));
  return [...parts.values()].sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
}

/**
 * The whole way of a message over flows, topics and queues: each part with the flow, where the message lay before it, how it ended and when.
 * A part is unfolded below.
 */
export function TraceStrip({
  run,
  parts,
  open,
  titleOf,
  onPart,
}: {
  run: RunView;
  parts: readonly RunSummary[];
  open: ReadonlySet<string>;
  titleOf(flow: string): string;
  onPart(id: string): void;
}) {
  const begin = parts[0]!.startedAt.getTime();
  return (
    <nav
      aria-label="The whole way of this message"
      className="thin-scroll flex shrink-0 items-stretch overflow-x-auto border-b bg-sunken px-3 py-1.5 text-12"
    >
      {parts.map((part, index) => {
        const { tone, words } = wordsOfRun(part.state, part.settled);
        return (
          <span key={part.id} className="flex shrink-0 items-center">
            {index > 0 ? <ChevronRight className="mx-0.5 size-3.5 text-faint" aria-hidden /> : null}
            <button
              type="button"
              onClick={() => onPart(part.id)}
              aria-current={part.id === run.id ? "page" : undefined}
              title={`${words}, ${formatExact(part.startedAt)}, took ${formatDuration(part.durationMs)}`}
              className={clsx(
                "flex flex-col rounded-md border px-2 py-0.5 text-left",
                open.has(part.id) ? "border-accent bg-accent-soft" : "border-transparent hover:bg-hover",
              )}
            >
              <span className="flex items-center gap-1.5 font-medium">
                <Dot tone={tone} label={words} />
                {titleOf(part.flow)}
                <span className="font-normal text-muted">v{part.version}</span>
              </span>
              <span className="font-mono text-muted">
                {placeOfRun(part)} · +{formatDuration(part.startedAt.getTime() - begin)}
              </span>
            </button>
          </span>
        );
      })}
    </nav>
  );
}
