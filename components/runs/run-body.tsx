"use client";

import { useCallback, useDeferredValue, useMemo, useState } from "react";
import type { RunView } from "@/server/views";
import { RunDrawing } from "./run-drawing";
import { StepList } from "./step-list";
import { StepPanel } from "./step-panel";
import { TimeAxis } from "./time-axis";
import { type Visit, visitsOf, visitToShow } from "./visits";

/** The steps of a run, and which one is looked at. */
export interface Walk {
  readonly visits: readonly Visit[];
  readonly selected: Visit | undefined;
  readonly attempt: Visit["attempts"][number] | undefined;
  select(step: number): void;
}

/** @param onStep told of each step that is chosen; its identity should stay */
export function useWalk(run: RunView, first: string | null, onStep?: (step: number) => void): Walk {
  const visits = useMemo(() => visitsOf(run.detail), [run.detail]);
  const [asked, setAsked] = useState(first);
  const isAsked = ({ step }: Visit["attempts"][number]) => asked !== null && step === Number(asked);
  const selected = visits.find((visit) => visit.attempts.some(isAsked)) ?? visitToShow(visits);
  const attempt = selected?.attempts.find(isAsked) ?? selected?.attempts.at(-1);
  const select = useCallback(
    (step: number) => {
      setAsked(String(step));
      onStep?.(step);
    },
    [onStep],
  );
  return { visits, selected, attempt, select };
}

/** A run's steps as list, drawing of its version, time axis, and what the chosen step was given and gave; all in step. */
export function RunBody({
  run,
  walk,
  onPart,
}: {
  run: RunView;
  walk: Walk;
  /** Opens another run of its trace. */
  onPart(id: string): void;
}) {
  const { visits, selected, attempt, select } = walk;
  // List and axis go along with each key; what is shown of the step comes when there is time.
  const shown = useDeferredValue(selected);
  const shownAttempt = useDeferredValue(attempt);
  const node = shown?.node ?? null;
  const selectNode = useCallback(
    (asked: string | null) => {
      if (asked === node) return;
      const visit = visitToShow(
        visits.filter((each) => each.node === asked),
        "first",
      );
      const last = visit?.attempts.at(-1);
      if (last) select(last.step);
    },
    [visits, node, select],
  );
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[232px_minmax(0,1fr)_minmax(360px,460px)] grid-rows-[minmax(0,1fr)]">
      <StepList
        run={run}
        visits={visits}
        selected={selected}
        onSelect={(visit) => select(visit.attempts.at(-1)!.step)}
      />
      <div className="grid min-h-0 min-w-0 grid-rows-[minmax(0,1fr)_minmax(120px,auto)]">
        <RunDrawing
          run={run}
          visits={visits}
          selected={node}
          onSelect={selectNode}
          inScroller={run.related.length > 0}
        />
        <TimeAxis run={run} visits={visits} selected={selected} onSelect={select} onPart={onPart} />
      </div>
      {shown && shownAttempt ? (
        <StepPanel run={run} visits={visits} visit={shown} attempt={shownAttempt} onSelect={select} />
      ) : (
        <aside className="border-l bg-surface p-4 text-muted">No step was kept of this run.</aside>
      )}
    </div>
  );
}
