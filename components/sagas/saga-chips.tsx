"use client";

import type { SagaGroup, SagaStatus } from "@/server/saga-views";
import { AddFilter } from "../runs/add-filter";
import { SetChip, ToggleChip } from "../ui/chip";
import { Field } from "../ui/field";
import { formatCompact } from "../ui/formats";
import { Select } from "../ui/select";
import { describeAge, openStatuses, type SagaAddress, sagaStatuses } from "./saga-filter";
import { SagaMark } from "./saga-mark";

const typed = [
  { field: "key", label: "Business key", placeholder: "o-4711", hint: "The saga’s key, whole." },
  { field: "step", label: "Stands at", placeholder: "charge", hint: "Id of the node where it works or waits." },
  { field: "text", label: "Text", placeholder: "409", hint: "Words of what went wrong, or a whole key or id." },
] as const;

const ages = ["1m", "15m", "1h", "1d", "7d"];

/** The filter as chips: statuses are toggled in place, each with how many there are; the rest can be taken away. */
export function SagaChips({
  filter,
  onChange,
  counts,
  flows,
  fixedFlow = false,
}: {
  filter: SagaAddress;
  onChange(filter: SagaAddress): void;
  counts: readonly SagaGroup[];
  flows: readonly { name: string; title: string }[];
  /** The list is of one flow: it is not offered as a filter. */
  fixedFlow?: boolean;
}) {
  const without = (field: keyof SagaAddress) => {
    const { [field]: _gone, ...rest } = filter;
    onChange(rest);
  };
  const setAge = (field: "older" | "within", age: string) =>
    age ? onChange({ ...filter, [field]: age }) : without(field);
  function toggle(status: SagaStatus) {
    const chosen = filter.status ?? [];
    const next = sagaStatuses.filter((each) => (each === status ? !chosen.includes(each) : chosen.includes(each)));
    if (next.length === 0) without("status");
    else onChange({ ...filter, status: next });
  }
  const countOf = (status: SagaStatus) =>
    counts
      .filter((group) => group.status === status && (!filter.flow || group.flow === filter.flow))
      .reduce((sum, group) => sum + group.count, 0);
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {sagaStatuses.map((status) => {
        const count = openStatuses.includes(status) ? countOf(status) : 0;
        return (
          <ToggleChip key={status} on={filter.status?.includes(status) ?? false} onToggle={() => toggle(status)}>
            <SagaMark status={status} />
            {count > 0 ? <span className="font-mono">{formatCompact(count)}</span> : null}
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
      {filter.older ? (
        <SetChip label="Older than" value={describeAge(filter.older)} onRemove={() => without("older")} />
      ) : null}
      {filter.within ? (
        <SetChip label="Begun in the last" value={describeAge(filter.within)} onRemove={() => without("within")} />
      ) : null}
      {typed.map(({ field, label }) =>
        filter[field] ? (
          <SetChip key={field} label={label} value={filter[field]} mono onRemove={() => without(field)} />
        ) : null,
      )}
      <AddFilter filter={filter} onChange={onChange} typed={typed} flows={fixedFlow ? [] : flows}>
        <div className="grid grid-cols-2 gap-2">
          <AgeSelect label="Older than" value={filter.older} onChange={(age) => setAge("older", age)} />
          <AgeSelect label="Begun in the last" value={filter.within} onChange={(age) => setAge("within", age)} />
        </div>
      </AddFilter>
    </div>
  );
}

function AgeSelect({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange(age: string): void;
}) {
  const offered = value && !ages.includes(value) ? [...ages, value] : ages;
  return (
    <Field label={label}>
      {(field) => (
        <Select
          {...field}
          value={value ?? ""}
          onValueChange={onChange}
          options={[{ value: "", label: "Any" }, ...offered.map((age) => ({ value: age, label: describeAge(age) }))]}
        />
      )}
    </Field>
  );
}
