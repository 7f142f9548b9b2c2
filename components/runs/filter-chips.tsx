"use client";

import { describeAge } from "../sagas/saga-filter";
import { SetChip, ToggleChip } from "../ui/chip";
import { formatDuration, formatExact } from "../ui/formats";
import { wordsOfRun } from "../ui/state-words";
import { Dot } from "../ui/tag";
import { AddFilter } from "./add-filter";
import { MoreFilters } from "./more-filters";
import { type AddressFilter, runStates, without } from "./run-filter";

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
  const remove = (field: keyof AddressFilter) => onChange(without(filter, field));
  function toggleState(state: (typeof runStates)[number]) {
    const chosen = filter.state ?? [];
    const next = chosen.includes(state) ? chosen.filter((each) => each !== state) : [...chosen, state];
    if (next.length === 0) remove("state");
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
          onRemove={() => remove("flow")}
        />
      ) : null}
      {filter.version ? (
        <SetChip label="Version" value={`v${filter.version}`} onRemove={() => remove("version")} />
      ) : null}
      {filter.within ? (
        <SetChip label="In the last" value={describeAge(filter.within)} onRemove={() => remove("within")} />
      ) : null}
      {filter.from ? (
        <SetChip label="From" value={formatExact(new Date(filter.from))} onRemove={() => remove("from")} />
      ) : null}
      {filter.to ? <SetChip label="To" value={formatExact(new Date(filter.to))} onRemove={() => remove("to")} /> : null}
      {filter.longerMs ? (
        <SetChip label="Took at least" value={formatDuration(filter.longerMs)} onRemove={() => remove("longerMs")} />
      ) : null}
      {filter.attempts ? (
        <SetChip label="Attempts" value={`${filter.attempts} or more`} onRemove={() => remove("attempts")} />
      ) : null}
      {typed.map(({ field, label }) =>
        filter[field] ? (
          <SetChip key={field} label={label} value={filter[field]} mono onRemove={() => remove(field)} />
        ) : null,
      )}
      <AddFilter filter={filter} onChange={onChange} typed={typed} flows={fixedFlow ? [] : flows}>
        <MoreFilters filter={filter} onChange={onChange} />
      </AddFilter>
    </div>
  );
}
