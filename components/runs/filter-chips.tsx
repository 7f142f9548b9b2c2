"use client";

import { describeAge } from "../sagas/saga-filter";
import { SetChip, ToggleChip } from "../ui/chip";
import { formatDuration, formatExact } from "../ui/formats";
import { wordsOfRun } from "../ui/state-words";
import { Dot } from "../ui/tag";
import { AddFilter } from "./add-filter";
import { MoreFilters } from "./more-filters";
import { type AddressFilter, runStates } from "./run-filter";

const typed = [
  { field: "key", label: "Key", placeholder: "c-8812", hint: "The message’s key, whole." },
  { field: "traceId", label: "Trace", placeholder: "4bf92f3577b34da6…", hint: "Id of the trace, across flows." },
  { field: "node", label: "Failed at node", placeholder: "tax-service", hint: "Id of the node where it failed first." },
] as const;

/** The filter as chips: each can be taken away, states are toggled in place. */
export function FilterChips({
  filter,
  onChange,
  flows,
  fixedFlow = false,
}: {
  filter: AddressFilter;
  onChange(filter: AddressFilter): void;
  flows: readonly { name: string; title: string }[];
  /** The list is of one flow: it is not offered as a filter. */
  fixedFlow?: boolean;
}) {
  const without = (field: keyof AddressFilter) => {
    const { [field]: _gone, ...rest } = filter;
    onChange(rest);
  };
  function toggleState(state: (typeof runStates)[number]) {
    const chosen = filter.state ?? [];
    const next = chosen.includes(state) ? chosen.filter((each) => each !== state) : [...chosen, state];
    if (next.length === 0) without("state");
    else onChange({ ...filter, state: next });
  }
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {runStates.map((state) => {
        const { tone, words } = wordsOfRun(state);
        const on = filter.state?.includes(state) ?? false;
        return (
          <ToggleChip key={state} on={on} onToggle={() => toggleState(state)}>
            <Dot tone={tone} />
            {words}
          </ToggleChip>
        );
      })}
      <span className="mx-1 h-4 w-px bg-line" aria-hidden />
      {!fixedFlow && filter.flow ? (
        <SetChip
          label="Flow"
          value={flows.find((flow) => flow.name === filter.flow)?.title ?? filter.flow}
          onRemove={() => without("flow")}
        />
      ) : null}
      {filter.version ? (
        <SetChip label="Version" value={`v${filter.version}`} onRemove={() => without("version")} />
      ) : null}
      {filter.within ? (
        <SetChip label="In the last" value={describeAge(filter.within)} onRemove={() => without("within")} />
      ) : null}
      {filter.from ? (
        <SetChip label="From" value={formatExact(new Date(filter.from))} onRemove={() => without("from")} />
      ) : null}
      {filter.to ? (
        <SetChip label="To" value={formatExact(new Date(filter.to))} onRemove={() => without("to")} />
      ) : null}
      {filter.longerMs ? (
        <SetChip label="Took at least" value={formatDuration(filter.longerMs)} onRemove={() => without("longerMs")} />
      ) : null}
      {filter.attempts ? (
        <SetChip label="Attempts" value={`${filter.attempts} or more`} onRemove={() => without("attempts")} />
      ) : null}
      {typed.map(({ field, label }) =>
        filter[field] ? (
          <SetChip key={field} label={label} value={filter[field]} mono onRemove={() => without(field)} />
        ) : null,
      )}
      <AddFilter filter={filter} onChange={onChange} typed={typed} flows={fixedFlow ? [] : flows}>
        <MoreFilters filter={filter} onChange={onChange} />
      </AddFilter>
    </div>
  );
}
