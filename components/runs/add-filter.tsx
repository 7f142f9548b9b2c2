"use client";

import { Plus } from "lucide-react";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Popover } from "../ui/popover";
import { Select } from "../ui/select";

export interface TypedFilter<Name extends string> {
  readonly field: Name;
  readonly label: string;
  readonly placeholder: string;
  readonly hint: string;
}

/** Adds to the filter of a list what is not toggled in place: its flow, what is typed, and what else stands in `children`. */
export function AddFilter<Name extends string, Filter extends { [Key in Name | "flow"]?: string }>({
  filter,
  onChange,
  typed,
  flows,
  children,
}: {
  filter: Filter;
  onChange(filter: Filter): void;
  typed: readonly TypedFilter<Name>[];
  /** Empty: the flow is not offered. */
  flows: readonly { name: string; title: string }[];
  children?: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  function set(values: readonly (readonly [field: Name | "flow", value: string])[]) {
    const next: Record<string, unknown> = { ...filter };
    for (const [field, value] of values) {
      if (value) next[field] = value;
      else delete next[field];
    }
    onChange(next as Filter);
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    set(typed.map(({ field }) => [field, String(data.get(field) ?? "").trim()] as const));
    setOpen(false);
  }
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      onOpenAutoFocus={(event) => {
        // The key is what is asked for most; the question marks are not where one types.
        event.preventDefault();
        form.current?.querySelector<HTMLElement>("[name=key]")?.focus();
      }}
      trigger={
        <Button size="sm" variant="ghost" icon={<Plus />}>
          Filter
        </Button>
      }
    >
      <form ref={form} onSubmit={submit} className="flex flex-col gap-3">
        {flows.length > 0 ? (
          <Field label="Flow">
            {(field) => (
              <Select
                {...field}
                value={filter.flow ?? ""}
                onValueChange={(flow) => set([["flow", flow]])}
                options={[
                  { value: "", label: "All flows" },
                  ...flows.map((flow) => ({ value: flow.name, label: flow.title })),
                ]}
              />
            )}
          </Field>
        ) : null}
        {typed.map(({ field: name, label, placeholder, hint }) => (
          <Field key={name} label={label} help={hint}>
            {(field) => (
              <Input {...field} mono name={name} defaultValue={filter[name] ?? ""} placeholder={placeholder} />
            )}
          </Field>
        ))}
        {children}
        <Button type="submit" variant="primary">
          Apply
        </Button>
      </form>
    </Popover>
  );
}
