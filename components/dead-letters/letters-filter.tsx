"use client";

import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useState } from "react";
import type { DeadLetterGroup } from "@/server/views";
import { useTRPC } from "../trpc/context";
import { SetChip } from "../ui/chip";
import { formatCount, formatMoment } from "../ui/formats";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import { wordsOfDeadLetter } from "../ui/state-words";
import { type LetterPlace, type ListedState, listedStates } from "./letters-place";

const times = [
  { value: "", label: "Any time" },
  { value: "1", label: "Last hour" },
  { value: "24", label: "Last 24 hours" },
  { value: "168", label: "Last 7 days" },
];

/** What narrows the list of dead letters: words, flow, version, time, state; and what a link brought along. */
export function LettersFilter({
  place,
  groups,
  onChange,
}: {
  place: LetterPlace;
  groups: readonly DeadLetterGroup[];
  onChange(change: Partial<Record<keyof LetterPlace, string | null>>): void;
}) {
  const trpc = useTRPC();
  const { flow } = place;
  const flows = useQuery(trpc.flows.list.queryOptions());
  const counts = useQuery(trpc.deadLetters.counts.queryOptions(flow ? { flow } : {}, { refetchInterval: 5_000 }));
  const [text, setText] = useState(place.text ?? "");
  const versions = [
    ...new Set([
      ...(place.version ? [place.version] : []),
      ...groups.flatMap((group) => group.versions.map(({ version }) => version)),
    ]),
  ].sort((left, right) => right - left);
  const node = groups.find((group) => group.node === place.node)?.nodeTitle ?? place.node;
  return (
    <search
      className="flex shrink-0 flex-wrap items-center gap-2 border-b bg-surface px-4 py-1.5"
      aria-label="Which dead letters"
    >
      <form
        className="relative"
        onSubmit={(event) => {
          event.preventDefault();
          onChange({ text: text.trim() || null });
        }}
      >
        <Search className="pointer-events-none absolute left-2 top-1/2 size-3.5 -translate-y-1/2 text-faint" />
        <Input
          type="search"
          aria-label="Find by key or words of the cause"
          placeholder="Key or words of the cause"
          className="!w-60 !pl-7"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            if (event.target.value === "" && place.text) onChange({ text: null });
          }}
        />
      </form>
      <Select
        label="Flow"
        className="!w-44"
        value={flow ?? ""}
        onValueChange={(next) => onChange({ flow: next, cause: null, version: null, node: null, redrive: null })}
        options={[
          { value: "", label: "All flows" },
          ...(flows.data ?? []).map((each) => ({ value: each.name, label: each.title })),
        ]}
      />
      {flow && versions.length > 0 ? (
        <Select
          label="Version"
          className="!w-32"
          value={place.version ? String(place.version) : ""}
          onValueChange={(next) => onChange({ version: next })}
          options={[
            { value: "", label: "All versions" },
            ...versions.map((version) => ({ value: String(version), label: `v${version}` })),
          ]}
        />
      ) : null}
      <Select
        label="Failed"
        className="!w-36"
        value={place.hours ? String(place.hours) : ""}
        onValueChange={(next) => onChange({ hours: next })}
        options={times}
      />
      <Select<ListedState>
        label="State"
        className="!w-40"
        value={place.state}
        onValueChange={(next) => onChange({ state: next === "open" ? null : next, cause: null, redrive: null })}
        options={listedStates.map((each) => {
          const isOf = (state: ListedState) =>
            each === "all" || each === state || (each === "open" && state !== "sent" && state !== "discarded");
          const count = counts.data?.reduce((sum, of) => sum + (isOf(of.state) ? of.count : 0), 0);
          return { value: each, label: `${wordsOfState(each)}${count ? ` · ${formatCount(count)}` : ""}` };
        })}
      />
      {place.key ? <SetChip label="Key" value={place.key} mono onRemove={() => onChange({ key: null })} /> : null}
      {node ? <SetChip label="Node" value={node} onRemove={() => onChange({ node: null })} /> : null}
      {place.redrive ? (
        <RedriveChip id={place.redrive} onRemove={() => onChange({ redrive: null, state: null })} />
      ) : null}
    </search>
  );
}

/** That only what was sent at once is listed: by whom, and when. */
function RedriveChip({ id, onRemove }: { id: string; onRemove(): void }) {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.redrives.get.queryOptions({ id }));
  const value = data ? `by ${data.by}, ${formatMoment(data.createdAt)}` : "at once";
  return <SetChip label="Sent again" value={value} onRemove={onRemove} />;
}

function wordsOfState(state: ListedState): string {
  if (state === "open") return "Open";
  return state === "all" ? "All states" : wordsOfDeadLetter(state).words;
}
