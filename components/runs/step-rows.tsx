"use client";

import clsx from "clsx";
import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import type { FlowDocument } from "@/flow/document";
import { formatDuration } from "../ui/formats";
import { wordsOfStep } from "../ui/state-words";
import { Dot } from "../ui/tag";
import { WindowRows } from "../ui/window-rows";
import { titleOf } from "./run-titles";
import { numberVisits, type Visit } from "./visits";

const rowHeight = 46;
/** How far a key moves. */
const moves: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  End: Number.POSITIVE_INFINITY,
  Home: Number.NEGATIVE_INFINITY,
};

/** Each step as a row; arrows move among them. However many there are, only those in sight are drawn. */
export function StepRows({
  document,
  visits,
  selected,
  onSelect,
  describe,
}: {
  document: FlowDocument;
  visits: readonly Visit[];
  selected: Visit | undefined;
  onSelect(visit: Visit): void;
  /** Second line of a step. */
  describe(visit: Visit): string;
}) {
  const rows = useRef<HTMLDivElement>(null);
  const isByKey = useRef(false);
  const numbers = useMemo(() => numberVisits(visits), [visits]);
  const at = selected ? visits.indexOf(selected) : -1;
  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const move = moves[event.key];
    if (move === undefined || visits.length === 0) return;
    event.preventDefault();
    const next = visits[Math.max(0, Math.min(visits.length - 1, at + move))]!;
    if (next === selected) return;
    isByKey.current = true;
    onSelect(next);
  }
  useEffect(() => {
    if (!isByKey.current || !selected) return;
    isByKey.current = false;
    rows.current?.querySelector<HTMLElement>(`[data-step="${selected.step}"]`)?.focus({ preventScroll: true });
  }, [selected]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows move among the buttons inside
    <div ref={rows} onKeyDown={onKeyDown}>
      <WindowRows count={visits.length} rowHeight={rowHeight} chosen={at} label="Steps">
        {(index) => {
          const visit = visits[index]!;
          const { tone, words } = wordsOfStep(visit.state);
          const number = numbers.get(visit);
          return (
            <button
              type="button"
              data-step={visit.step}
              aria-current={visit === selected ? "step" : undefined}
              onClick={() => onSelect(visit)}
              className={clsx(
                "grid size-full grid-cols-[10px_1fr_auto] content-center items-start gap-x-3 px-4 text-left",
                visit === selected ? "bg-accent-soft" : "hover:bg-hover",
              )}
            >
              <Dot tone={tone} label={words} className="mt-1.5" />
              <span className="min-w-0">
                <span className="flex min-w-0 items-baseline gap-1.5">
                  <span className="truncate">{titleOf(document, visit.node)}</span>
                  {number && number.of > 1 ? (
                    <span
                      className={clsx(
                        "shrink-0 text-12 tabular-nums",
                        visit === selected ? "text-muted" : "text-faint",
                      )}
                    >
                      {number.at}
                    </span>
                  ) : null}
                </span>
                <span className={clsx("block truncate text-12", visit === selected ? "text-muted" : "text-faint")}>
                  {describe(visit)}
                </span>
              </span>
              <span className="font-mono text-12 leading-5 text-muted">
                {formatDuration(visit.endMs - visit.startMs)}
              </span>
            </button>
          );
        }}
      </WindowRows>
    </div>
  );
}
