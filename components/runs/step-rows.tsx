"use client";

import clsx from "clsx";
import type { KeyboardEvent } from "react";
import type { FlowDocument } from "@/flow/document";
import { formatDuration } from "../ui/formats";
import { wordsOfStep } from "../ui/state-words";
import { Dot } from "../ui/tag";
import { titleOf } from "./run-titles";
import type { Visit } from "./visits";

/** Each step as a row; arrows move among them. */
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
  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const move = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const at = selected ? visits.indexOf(selected) : -1;
    const next = visits[at + move];
    if (move === 0 || !next) return;
    event.preventDefault();
    onSelect(next);
    event.currentTarget.querySelectorAll<HTMLElement>("[data-step]")[at + move]?.focus();
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows move among the buttons inside
    <div onKeyDown={onKeyDown}>
      {visits.map((visit) => (
        <button
          key={visit.step}
          type="button"
          data-step={visit.step}
          aria-current={visit === selected ? "step" : undefined}
          onClick={() => onSelect(visit)}
          className={clsx(
            "grid w-full grid-cols-[10px_1fr_auto] items-start gap-x-3 px-4 py-1.5 text-left",
            visit === selected ? "bg-accent-soft" : "hover:bg-hover",
          )}
        >
          <Dot tone={wordsOfStep(visit.state).tone} label={wordsOfStep(visit.state).words} className="mt-1.5" />
          <span className="min-w-0">
            <span className="block truncate">{titleOf(document, visit.node)}</span>
            <span className={clsx("block truncate text-12", visit === selected ? "text-muted" : "text-faint")}>
              {describe(visit)}
            </span>
          </span>
          <span className="font-mono text-12 leading-5 text-muted">{formatDuration(visit.endMs - visit.startMs)}</span>
        </button>
      ))}
    </div>
  );
}
