"use client";

import clsx from "clsx";
import { ArrowRight, Undo2 } from "lucide-react";
import { useMemo } from "react";
import type { SagaView } from "@/server/saga-views";
import type { Tone } from "../ui/callout";
import { formatDuration, formatMoment, formatTime } from "../ui/formats";
import { type SagaPlace, writePlace } from "./saga-place";
import { rowsOfSaga, scaleTime, type TimeBar, type TimeRow, type TimeScale } from "./saga-time";

const fills: Readonly<Record<Tone, string>> = {
  ok: "bg-accent",
  accent: "bg-accent animate-wait",
  undo: "bg-undo",
  warn: "bg-warn",
  bad: "bg-bad",
  idle: "bg-idle",
};

/** When each step was tried, and when it was undone: two rows a step. Long waits are folded, so that attempts can be seen. */
export function SagaTimeAxis({
  saga,
  place,
  onSelect,
}: {
  saga: SagaView;
  place: SagaPlace;
  onSelect(place: SagaPlace): void;
}) {
  const { state, document } = saga;
  // Read anew each second while it runs: the time of that is now.
  const now = useMemo(() => Math.max(Date.now(), saga.updatedAt.getTime()), [saga]);
  const end = state.endedAt ?? now;
  const rows = useMemo(() => rowsOfSaga(state, document, end), [state, document, end]);
  const scale = useMemo(() => scaleTime(rows, state.startedAt, end), [rows, state.startedAt, end]);
  const [from, to] = [new Date(scale.from), new Date(scale.to)];
  const sameDay = from.toDateString() === to.toDateString();
  return (
    <section aria-label="Time" className="flex max-h-[264px] min-h-[112px] flex-col border-t bg-surface px-4 py-2.5">
      <h2 className="mb-1.5 flex justify-between text-12 font-medium text-muted">
        Time
        <span suppressHydrationWarning>
          {formatTime(from, true)} →{" "}
          {state.endedAt === undefined ? "now" : sameDay ? formatTime(to, true) : formatMoment(to)} ·{" "}
          {formatDuration(scale.to - scale.from)}
        </span>
      </h2>
      <div className="thin-scroll min-h-0 overflow-auto py-0.5 pr-1">
        <div className={clsx("relative", scale.folds.length > 0 && "pt-[18px]")}>
          {scale.folds.length > 0 ? <Folds scale={scale} /> : null}
          {rows.map((row) => (
            <Row
              key={`${row.node} ${row.side}`}
              row={row}
              scale={scale}
              place={place}
              onSelect={onSelect}
              since={state.startedAt}
            />
          ))}
        </div>
        {rows.length === 0 ? <p className="text-12 text-faint">Nothing took time yet.</p> : null}
      </div>
    </section>
  );
}

/** Width of the names, and of the sign of the side, before the axis. */
const columns = "grid-cols-[128px_16px_1fr]";

function Row({
  row,
  scale,
  place,
  since,
  onSelect,
}: {
  row: TimeRow;
  scale: TimeScale;
  place: SagaPlace;
  since: number;
  onSelect(place: SagaPlace): void;
}) {
  const here = row.node === place.node;
  const second = row.side === "compensation";
  return (
    <div className={clsx("grid items-center gap-2 text-12", columns, second ? "mb-1 h-4" : "h-[18px]")}>
      <span className={clsx("truncate", here && "font-medium")}>{second ? "" : row.title}</span>
      {row.side === null ? (
        <span />
      ) : second ? (
        <Undo2 className="size-3 text-undo" role="img" aria-label={`Undoing ${row.title}`} />
      ) : (
        <ArrowRight className="size-3 text-accent" role="img" aria-label={`Action of ${row.title}`} />
      )}
      <div className={clsx("relative h-2.5", here && "rounded-sm bg-sunken")}>
        {row.bars.map((bar) => (
          <Bar
            key={writePlace(bar.place)}
            bar={bar}
            row={row}
            scale={scale}
            since={since}
            chosen={writePlace(bar.place) === writePlace(place)}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  );
}

function Bar({
  bar,
  row,
  scale,
  since,
  chosen,
  onSelect,
}: {
  bar: TimeBar;
  row: TimeRow;
  scale: TimeScale;
  since: number;
  chosen: boolean;
  onSelect(place: SagaPlace): void;
}) {
  const [left, right] = [scale.at(bar.from), scale.at(bar.to)];
  const took = formatDuration(bar.to - bar.from);
  const words = `${bar.words}; ${formatDuration(bar.from - since)} after the start, took ${took}`;
  return (
    <button
      type="button"
      title={words}
      aria-label={`${row.side === "compensation" ? "Undoing " : ""}${row.title}, ${words}`}
      aria-current={chosen ? "true" : undefined}
      onClick={() => onSelect(bar.place)}
      className={clsx(
        "absolute top-0 h-2.5 min-w-1 max-w-full rounded-sm",
        bar.look === "wait" ? "border border-line-strong bg-hover" : fills[bar.tone],
        row.side === "compensation" && "hatched",
        chosen && "ring-2 ring-focus ring-offset-1 ring-offset-surface",
      )}
      style={{ left: `min(${left * 100}%, calc(100% - 4px))`, width: `${Math.max(0, right - left) * 100}%` }}
    />
  );
}

/** Where the axis leaves time out, and how much. */
function Folds({ scale }: { scale: TimeScale }) {
  return (
    <div className={clsx("pointer-events-none absolute inset-0 grid gap-2", columns)}>
      <span />
      <span />
      <div className="relative">
        {scale.folds.map(({ left, width, ms }) => (
          <span
            key={left}
            className="folded absolute inset-y-0"
            style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
          >
            <span
              className={clsx(
                "absolute top-0 whitespace-nowrap bg-surface px-1 text-[11px] leading-[14px] text-faint",
                left + width > 0.9 ? "right-0" : "left-1/2 -translate-x-1/2",
              )}
            >
              {formatDuration(ms)}
            </span>
          </span>
        ))}
      </div>
    </div>
  );
}
