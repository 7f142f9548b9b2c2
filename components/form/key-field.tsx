"use client";

import { Field } from "../ui/field";
import { Input } from "../ui/input";

/** A message's key; empty is none. */
export function KeyField({ value, onChange }: { value: string | null; onChange(value: string | null): void }) {
  return (
    <Field label="Key" aside="optional">
      {(control) => (
        <Input
          {...control}
          mono
          value={value ?? ""}
          placeholder="no key"
          onChange={(event) => onChange(event.target.value === "" ? null : event.target.value)}
        />
      )}
    </Field>
  );
}
