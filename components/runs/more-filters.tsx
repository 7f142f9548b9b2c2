"use client";

import { describeAge } from "../sagas/saga-filter";
import { Field } from "../ui/field";
import { formatDuration } from "../ui/formats";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import type { AddressFilter } from "./run-filter";

const spans = ["15m", "1h", "1d", "7d"];
const durations = [100, 1_000, 10_000, 60_000];
const attempts = [2, 3, 5];

/** When, how long, how often: chosen from what is usual; two moments may be given exactly. */
export function MoreFilters({ filter, onChange }: { filter: AddressFilter; onChange(filter: AddressFilter): void }) {
  const set = (change: Partial<Record<keyof AddressFilter, unknown>>) => {
    const next = Object.entries({ ...filter, ...change }).filter(([, value]) => value !== "" && value !== undefined);
    onChange(Object.fromEntries(next) as AddressFilter);
  };
  const moment = (name: "from" | "to", label: string) => (
    <Field label={label}>
      {(field) => (
        <Input
          {...field}
          type="datetime-local"
          defaultValue={toLocal(filter[name])}
          onBlur={({ target }) =>
            set({ [name]: target.value ? new Date(target.value).toISOString() : undefined, within: undefined })
          }
        />
      )}
    </Field>
  );
  return (
    <>
      <div className="grid grid-cols-2 gap-2">
        <Field label="Began in the last">
          {(field) => (
            <Select
              {...field}
              value={filter.within ?? ""}
              onValueChange={(within) => set({ within, from: undefined, to: undefined })}
              options={[
                { value: "", label: "Any time" },
                ...spans.map((span) => ({ value: span, label: describeAge(span) })),
              ]}
            />
          )}
        </Field>
        <Field label="Took at least">
          {(field) => (
            <Select
              {...field}
              value={filter.longerMs ? String(filter.longerMs) : ""}
              onValueChange={(ms) => set({ longerMs: ms ? Number(ms) : undefined })}
              options={[
                { value: "", label: "Any length" },
                ...durations.map((ms) => ({ value: String(ms), label: formatDuration(ms) })),
              ]}
            />
          )}
        </Field>
        {moment("from", "From")}
        {moment("to", "To")}
      </div>
      <Field label="Attempts">
        {(field) => (
          <Select
            {...field}
            value={filter.attempts ? String(filter.attempts) : ""}
            onValueChange={(count) => set({ attempts: count ? Number(count) : undefined })}
            options={[
              { value: "", label: "Any number" },
              ...attempts.map((count) => ({ value: String(count), label: `${count} or more` })),
            ]}
          />
        )}
      </Field>
    </>
  );
}

/** As the browser's field for a moment has it: in the time of this place, without a zone. */
function toLocal(moment: string | undefined): string {
  if (!moment) return "";
  const date = new Date(moment);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
