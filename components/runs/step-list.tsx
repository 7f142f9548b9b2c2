"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import type { RunSummary, RunView } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { formatCount, formatDuration, formatTime } from "../ui/formats";
import { wordsOfDeadLetter, wordsOfRun } from "../ui/state-words";
import { Dot } from "../ui/tag";
import { placeOfRun } from "./run-titles";
import { StepRows } from "./step-rows";
import { countOut, sagasOf, type Visit } from "./visits";
import { describeMoreSteps } from "./whole-message";

/** The run's steps, then where its trace went on, then other runs of the same key. */
export function StepList({
  run,
  visits,
  selected,
  onSelect,
}: {
  run: RunView;
  visits: readonly Visit[];
  selected: Visit | undefined;
  onSelect(visit: Visit): void;
}) {
  const more = describeMoreSteps(run.detail);
  return (
    <aside aria-label="Steps of the run" className="thin-scroll min-h-0 overflow-auto border-r bg-surface pb-4">
      <Heading>
        Steps <span className="font-normal tabular-nums text-faint">{formatCount(visits.length)}</span>
      </Heading>
      {more ? <p className="px-4 pb-1.5 text-12 text-warn">{more}</p> : null}
      <div>
        <StepRows
          document={run.document}
          visits={visits}
          selected={selected}
          onSelect={onSelect}
          describe={(visit) => describeVisit(run, visit)}
        />
        {sagasOf(visits).map((id) => (
          <Link
            key={id}
            href={`/sagas/${id}`}
            className="grid grid-cols-[10px_1fr] items-start gap-x-3 px-4 py-1.5 hover:bg-hover"
          >
            <span className="mt-1.5 size-2 rounded-full bg-saga" aria-hidden />
            <span>
              Saga
              <span className="block text-12 text-faint">goes on by itself; open it</span>
            </span>
          </Link>
        ))}
        {run.deadLetters.map(({ id, state }) => (
          <Link
            key={id}
            href={`/dead-letters?id=${id}`}
            className="grid grid-cols-[10px_1fr] items-start gap-x-3 px-4 py-1.5 hover:bg-hover"
          >
            <span className="mt-1.5 size-2 rounded-full bg-hold" aria-hidden />
            <span>
              Dead letter
              <span className="block text-12 text-faint">{wordsOfDeadLetter(state).words.toLowerCase()}; open it</span>
            </span>
          </Link>
        ))}
      </div>
      {run.tries.length > 0 ? (
        <>
          <Heading>Same message</Heading>
          {run.tries.map((other) => (
            <OtherRun
              key={other.id}
              run={other}
              name={other.startedAt > run.startedAt ? "Tried again" : "Tried before"}
            />
          ))}
        </>
      ) : null}
      <SameKey run={run} />
    </aside>
  );
}

function Heading({ children }: { children: ReactNode }) {
  return <h2 className="px-4 pb-1.5 pt-3 text-12 font-medium text-muted">{children}</h2>;
}

function SameKey({ run }: { run: RunView }) {
  const trpc = useTRPC();
  const key = run.key ?? "";
  const others = useQuery(
    trpc.runs.list.queryOptions(
      { flow: run.flow, key, limit: 8 },
      { enabled: key !== "" && run.drawing !== "flow-deleted", staleTime: 30_000 },
    ),
  );
  const named = new Set([run.id, ...run.tries.map(({ id }) => id)]);
  const shown = others.data?.runs.filter(({ id }) => !named.has(id)) ?? [];
  if (shown.length === 0) return null;
  return (
    <>
      <Heading>Same key</Heading>
      {shown.map((other) => (
        <OtherRun key={other.id} run={other} />
      ))}
    </>
  );
}

function OtherRun({ run, name = run.key ?? run.position }: { run: RunSummary; name?: string }) {
  const { tone, words } = wordsOfRun(run.state, run.settled);
  return (
    <Link
      href={`/runs/${run.id}`}
      className="grid grid-cols-[10px_1fr_auto] items-start gap-x-3 px-4 py-1.5 hover:bg-hover"
    >
      <Dot tone={tone} label={words} className="mt-1.5" />
      <span className="min-w-0">
        <span className="block truncate">{name}</span>
        <span className="block text-12 text-faint">
          {formatTime(run.startedAt)}
          {run.state === "done" ? "" : ` · ${words.toLowerCase()}`}
        </span>
      </span>
      <span className="font-mono text-12 leading-5 text-muted">{formatDuration(run.durationMs)}</span>
    </Link>
  );
}

/** Second line of a step: where it came from, what went wrong, by which port it left. */
function describeVisit(run: RunView, visit: Visit): string {
  const last = visit.attempts.at(-1)!.work;
  if (visit.node === run.source) return placeOfRun(run);
  if (last.state === "parked" && last.cause?.code === "waits-behind") return "waits behind one of its key";
  if (last.cause) {
    const status = last.note?.status;
    const code = typeof status === "number" ? status : last.cause.code;
    if (last.state === "parked") return `${code}, tried again later`;
    return `${code}${last.attempt > 1 ? `, attempt ${last.attempt} of ${last.attempt}` : ""}`;
  }
  if (last.state === "dropped") return "dropped here";
  const ports = [...new Set(last.out.map(({ port }) => port))];
  if (ports.length === 0) return "written";
  return ports.length === 1 && ports[0] === "out"
    ? last.out.length > 1
      ? `${formatCount(countOut(last))} messages out`
      : "passed on"
    : `left by ${ports.join(", ")}`;
}
