"use client";

import clsx from "clsx";
import { useMemo } from "react";
import type { RunView } from "@/server/views";
import { formatDuration, formatTime } from "../ui/formats";
import { WindowRows } from "../ui/window-rows";
import { titleOf } from "./run-titles";
import { numberVisits, type Visit } from "./visits";

const rowHeight = 26;

const colours = {
  done: "bg-accent",
  dropped: "bg-idle",
  retry: "bg-bad",
  parked: "bg-warn",
  failed: "bg-warn",
  dead: "bg-bad",
};

/** When each node worked on the message; every attempt is a bar. */
export function TimeAxis({
  run,
  visits,
  selected,
  onSelect,
  onPart,
}: {
  run: RunView;
  visits: readonly Visit[];
  selected: Visit | undefined;
  onSelect(step: number): void;
  /** Opens another run of its trace. */
  onPart(id: string): void;
}) {
  const numbers = useMemo(() => numberVisits(visits), [visits]);
  const total = visits.reduce((most, { endMs }) => Math.max(most, endMs), Math.max(run.durationMs, 0.001));
  const end = new Date(run.startedAt.getTime() + run.durationMs);
  const share = (ms: number) => `${Math.min(100, (ms / total) * 100)}%`;
  const before = run.related.filter((other) => other.startedAt < run.startedAt).at(-1);
  const after = run.related.find((other) => other.startedAt >= run.startedAt);
  return (
    <section aria-label="Time" className="flex max-h-[240px] min-h-0 flex-col border-t bg-surface px-4 py-2.5">
      <h2 className="mb-2 flex flex-wrap justify-between gap-x-3 text-12 font-medium text-muted">
        Time
        <span suppressHydrationWarning>
          {formatTime(run.startedAt, true)} → {formatTime(end, true)} · {formatDuration(run.durationMs)}
        </span>
      </h2>
      <div className="thin-scroll min-h-0 overflow-auto">
        <WindowRows
          count={visits.length}
          rowHeight={rowHeight}
          chosen={selected ? visits.indexOf(selected) : -1}
          label="Time by step"
        >
          {(index) => {
            const visit = visits[index]!;
            const title = titleOf(run.document, visit.node);
            const number = numbers.get(visit);
            return (
              <div
                className={clsx(
                  "grid size-full grid-cols-[128px_1fr] items-center gap-2 rounded-sm text-12",
                  visit === selected && "bg-accent-soft font-medium",
                )}
              >
                <span className="truncate pl-1">
                  {title}
                  {number && number.of > 1 ? <span className="font-normal text-muted"> {number.at}</span> : null}
                </span>
                <div className="relative h-3">
                  {visit.attempts.map(({ step, work }) => (
                    <button
                      key={step}
                      type="button"
                      title={`${formatDuration(work.startMs)} after the start, took ${formatDuration(work.durationMs)}`}
                      aria-label={`${title}${number && number.of > 1 ? ` ${number.at}` : ""}, attempt ${work.attempt}: took ${formatDuration(work.durationMs)}`}
                      onClick={() => onSelect(step)}
                      className={clsx("absolute top-0 h-3 min-w-[3px] max-w-full rounded-sm", colours[work.state])}
                      style={{ left: `min(${share(work.startMs)}, calc(100% - 3px))`, width: share(work.durationMs) }}
                    />
                  ))}
                </div>
              </div>
            );
          }}
        </WindowRows>
      </div>
      <p className="mt-2 text-12 text-faint">
        {before ? (
          <>
            Came from{" "}
            <button
              type="button"
              onClick={() => onPart(before.id)}
              className="font-medium text-accent underline underline-offset-2"
            >
              {before.flow}
            </button>{" "}
            {formatDuration(run.startedAt.getTime() - before.startedAt.getTime())} before
          </>
        ) : (
          "Nothing came before"
        )}
        {" · "}
        {after ? (
          <>
            went on in{" "}
            <button
              type="button"
              onClick={() => onPart(after.id)}
              className="font-medium text-accent underline underline-offset-2"
            >
              {after.flow}
            </button>
          </>
        ) : (
          "nothing follows"
        )}
      </p>
    </section>
  );
}
