"use client";

import clsx from "clsx";
import type { RunView } from "@/server/views";
import { formatDuration, formatTime } from "../ui/formats";
import { titleOf } from "./run-titles";
import type { Visit } from "./visits";

const colours = {
  done: "bg-accent",
  dropped: "bg-idle",
  retry: "bg-bad",
  parked: "bg-warn",
  failed: "bg-bad",
  dead: "bg-bad",
};

/** When each node worked on the message; every attempt is a bar. */
export function TimeAxis({
  run,
  visits,
  selected,
  onSelect,
}: {
  run: RunView;
  visits: readonly Visit[];
  selected: Visit | undefined;
  onSelect(step: number): void;
}) {
  const total = Math.max(run.durationMs, ...visits.map((visit) => visit.endMs), 0.001);
  const end = new Date(run.startedAt.getTime() + run.durationMs);
  const share = (ms: number) => `${Math.min(100, (ms / total) * 100)}%`;
  const before = run.related.filter((other) => other.startedAt < run.startedAt).at(-1);
  const after = run.related.find((other) => other.startedAt >= run.startedAt);
  return (
    <section aria-label="Time" className="flex max-h-[240px] min-h-0 flex-col border-t bg-surface px-4 py-2.5">
      <h2 className="mb-2 flex justify-between text-12 font-medium text-muted">
        Time
        <span suppressHydrationWarning>
          {formatTime(run.startedAt, true)} → {formatTime(end, true)} · {formatDuration(run.durationMs)}
        </span>
      </h2>
      <div className="thin-scroll min-h-0 overflow-auto">
        {visits.map((visit) => (
          <div
            key={visit.step}
            className={clsx(
              "grid h-[26px] grid-cols-[128px_1fr] items-center gap-2 text-12",
              visit === selected && "font-medium",
            )}
          >
            <span className="truncate">{titleOf(run.document, visit.node)}</span>
            <div className="relative h-3">
              {visit.attempts.map(({ step, work }) => (
                <button
                  key={step}
                  type="button"
                  title={`${formatDuration(work.startMs)} after the start, took ${formatDuration(work.durationMs)}`}
                  aria-label={`${titleOf(run.document, visit.node)}, attempt ${work.attempt}: took ${formatDuration(work.durationMs)}`}
                  onClick={() => onSelect(step)}
                  className={clsx("absolute top-0 h-3 min-w-[3px] max-w-full rounded-sm", colours[work.state])}
                  style={{ left: `min(${share(work.startMs)}, calc(100% - 3px))`, width: share(work.durationMs) }}
                />
              ))}
            </div>
          </div>
        ))}
      </div>
      <p className="mt-2 text-12 text-faint">
        {before ? (
          <>
            Came from{" "}
            <a href={`/runs/${before.id}`} className="font-medium text-accent hover:underline">
              {before.flow}
            </a>{" "}
            {formatDuration(run.startedAt.getTime() - before.startedAt.getTime())} before
          </>
        ) : (
          "Nothing came before"
        )}
        {" · "}
        {after ? (
          <>
            went on in{" "}
            <a href={`/runs/${after.id}`} className="font-medium text-accent hover:underline">
              {after.flow}
            </a>
          </>
        ) : (
          "nothing follows"
        )}
      </p>
    </section>
  );
}
