"use client";

import clsx from "clsx";
import {
  ArrowRight,
  Check,
  Clock,
  CornerUpLeft,
  Dot as DotIcon,
  Hourglass,
  type LucideIcon,
  Play,
  Undo2,
  UserRound,
} from "lucide-react";
import Link from "next/link";
import type { KeyboardEvent, ReactNode } from "react";
import type { SagaSummary, SagaView } from "@/server/saga-views";
import { titleOf } from "../runs/run-titles";
import { formatDuration, formatExact, formatTime } from "../ui/formats";
import { wordsOfRun } from "../ui/state-words";
import { Dot, inkOf } from "../ui/tag";
import { SagaMark } from "./saga-mark";
import { type SagaPlace, writePlace } from "./saga-place";
import type { SagaEntry } from "./saga-story";

const icons: Readonly<Record<SagaEntry["icon"], { icon: LucideIcon; label: string }>> = {
  start: { icon: Play, label: "Start" },
  action: { icon: ArrowRight, label: "Action" },
  compensation: { icon: Undo2, label: "Compensation" },
  pass: { icon: DotIcon, label: "Passed" },
  wait: { icon: Clock, label: "Wait" },
  person: { icon: UserRound, label: "By a person" },
  late: { icon: Hourglass, label: "Came by itself" },
  turn: { icon: CornerUpLeft, label: "Turn" },
  end: { icon: Check, label: "End" },
};

/** What happened, in order; then the sagas above and below it, and the messages of its trace. */
export function StoryList({
  saga,
  entries,
  place,
  onSelect,
}: {
  saga: SagaView;
  entries: readonly SagaEntry[];
  place: SagaPlace;
  onSelect(place: SagaPlace): void;
}) {
  const at = findEntry(entries, place);
  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const move = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = entries[at + move];
    if (move === 0 || !next) return;
    event.preventDefault();
    onSelect(next.place);
    event.currentTarget.querySelectorAll<HTMLElement>("[data-entry]")[at + move]?.focus();
  }
  return (
    <aside aria-label="What happened" className="thin-scroll min-h-0 overflow-auto border-r bg-surface pb-4">
      <Heading>What happened</Heading>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows move among the buttons inside */}
      <div onKeyDown={onKeyDown}>
        {entries.map((entry, index) => (
          <Entry
            key={`${writePlace(entry.place)} ${entry.icon} ${entry.at}`}
            entry={entry}
            since={index === 0 ? null : saga.state.startedAt}
            here={index === at}
            near={entry.place.node === place.node}
            onSelect={() => onSelect(entry.place)}
          />
        ))}
      </div>
      {saga.parent ? (
        <>
          <Heading>Is a step of</Heading>
          <Link href={`/sagas/${saga.parent.id}?at=${saga.parent.node}`} className="block px-4 py-1.5 hover:bg-hover">
            <span className="block truncate">{saga.parent.flow}</span>
            <span className="block truncate font-mono text-12 text-faint">
              {saga.parent.key} · {saga.parent.node}
            </span>
          </Link>
        </>
      ) : null}
      {saga.children.length > 0 ? (
        <>
          <Heading>Sagas that are steps of it</Heading>
          {saga.children.map((child) => (
            <OtherSaga key={child.id} saga={child} name={titleOf(saga.document, child.node)} />
          ))}
        </>
      ) : null}
      {saga.related.length > 0 ? (
        <>
          <Heading>Messages of its trace</Heading>
          {saga.related.map((run) => (
            <Link
              key={run.id}
              href={`/runs/${run.id}`}
              className="grid grid-cols-[14px_1fr_auto] items-start gap-x-2.5 px-4 py-1.5 hover:bg-hover"
            >
              <Dot tone={wordsOfRun(run.state).tone} label={wordsOfRun(run.state).words} className="ml-[3px] mt-1.5" />
              <span className="min-w-0">
                <span className="block truncate">
                  {run.flow === saga.flow ? titleOf(saga.document, run.source) : run.source}
                </span>
                <span className="block truncate text-12 text-faint">
                  {run.flow} · {wordsOfRun(run.state).words.toLowerCase()}
                </span>
              </span>
              <span className="font-mono text-12 leading-5 text-muted">{formatDuration(run.durationMs)}</span>
            </Link>
          ))}
        </>
      ) : null}
    </aside>
  );
}

/** The entry of a place; of a node that is looked at as a whole, its last. */
function findEntry(entries: readonly SagaEntry[], place: SagaPlace): number {
  const exact = entries.findIndex((entry) => writePlace(entry.place) === writePlace(place));
  if (exact >= 0) return exact;
  return entries.findLastIndex((entry) => entry.place.node === place.node);
}

function Entry({
  entry,
  since,
  here,
  near,
  onSelect,
}: {
  entry: SagaEntry;
  /** Counts from there; null: says the time of day. */
  since: number | null;
  here: boolean;
  near: boolean;
  onSelect(): void;
}) {
  const { icon: Icon, label } = icons[entry.icon];
  const at = new Date(entry.at);
  return (
    <button
      type="button"
      data-entry
      aria-current={here ? "step" : undefined}
      onClick={onSelect}
      className={clsx(
        "grid w-full grid-cols-[14px_1fr_auto] items-start gap-x-2.5 px-4 py-1.5 text-left",
        here ? "bg-accent-soft" : near ? "bg-sunken hover:bg-hover" : "hover:bg-hover",
      )}
    >
      <Icon className={clsx("mt-[3px] size-3.5", inkOf[entry.tone])} role="img" aria-label={label} />
      <span className="truncate" title={entry.title}>
        {entry.title}
      </span>
      <span
        className="font-mono text-12 leading-5 text-muted"
        title={`${formatTime(at, true)}, ${formatExact(at)}`}
        suppressHydrationWarning
      >
        {since === null ? formatTime(at) : `+${formatDuration(entry.at - since)}`}
      </span>
      <span
        className={clsx("col-span-2 col-start-2 truncate text-12", here || near ? "text-muted" : "text-faint")}
        title={entry.line}
      >
        {entry.line}
      </span>
    </button>
  );
}

function Heading({ children }: { children: ReactNode }) {
  return <h2 className="px-4 pb-1.5 pt-3 text-12 font-medium text-muted">{children}</h2>;
}

function OtherSaga({ saga, name }: { saga: SagaSummary; name: string }) {
  return (
    <Link
      href={`/sagas/${saga.id}`}
      className="grid grid-cols-[14px_1fr] items-start gap-x-2.5 px-4 py-1.5 hover:bg-hover"
    >
      <span className="mt-[3px]">
        <SagaMark status={saga.status} words={false} />
      </span>
      <span className="min-w-0">
        <span className="block truncate">{name}</span>
        <span className="block truncate font-mono text-12 text-faint">{saga.key}</span>
      </span>
    </Link>
  );
}
