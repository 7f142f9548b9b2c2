"use client";

import { type FormEvent, useEffect, useRef } from "react";
import { actionGroups, actionWords, wordsOfAction } from "@/flow/audit-actions";
import { Button } from "../ui/button";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import type { AuditAddress } from "./audit-filter";

const actions = [
  { value: "", label: "Everything" },
  ...actionGroups.flatMap((group) => [
    { value: group.value as string, label: `${group.label}: all` },
    ...Object.keys(actionWords)
      .filter((action) => action.startsWith(`${group.value}.`))
      .map((action) => ({ value: action, label: wordsOfAction(action) })),
  ]),
];

/** Person, action, object and days; kept in the address. Enter in a field looks. */
export function AuditFilterBar({
  filter,
  people,
  onChange,
}: {
  filter: AuditAddress;
  /** To choose from: who is in the entries that are there. */
  people: readonly string[];
  onChange(filter: AuditAddress): void;
}) {
  const bar = useRef<HTMLFormElement>(null);
  // Written into the fields, which stay the same elements: who typed keeps the keyboard's place.
  useEffect(() => {
    for (const name of ["person", "object", "from", "to"] as const) {
      const field = bar.current?.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = filter[name] ?? "";
    }
  }, [filter]);
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const typed = { person: text("person"), object: text("object"), from: text("from"), to: text("to") };
    const { action } = filter;
    onChange({
      ...(action ? { action } : {}),
      ...Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== "")),
    });
  }
  return (
    <form
      ref={bar}
      onSubmit={submit}
      className="flex flex-wrap items-center gap-2 border-b bg-surface px-4 py-2"
      aria-label="Filter"
    >
      <Input
        name="person"
        list="audit-people"
        aria-label="Person"
        placeholder="Person: whole email"
        className="!w-48"
      />
      <datalist id="audit-people">
        {people.map((person) => (
          <option key={person} value={person} />
        ))}
      </datalist>
      <Select
        label="Action"
        className="!w-56"
        value={filter.action ?? ""}
        options={actions}
        onValueChange={(action) => {
          const { action: _before, ...rest } = filter;
          onChange(action ? { ...rest, action } : rest);
        }}
      />
      <Input name="object" aria-label="Object" placeholder="Object begins with…" className="!w-48" />
      <Input name="from" type="date" aria-label="From day" className="!w-36" />
      <span className="text-muted">to</span>
      <Input name="to" type="date" aria-label="To day" className="!w-36" />
      <Button type="submit">Filter</Button>
      {Object.keys(filter).length > 0 ? (
        <Button variant="ghost" onClick={() => onChange({})}>
          Show all
        </Button>
      ) : null}
    </form>
  );
}
