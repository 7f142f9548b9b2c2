"use client";

import { Plus, X } from "lucide-react";
import { Button, IconButton } from "../ui/button";
import { Input } from "../ui/input";

/** Names and values of a message's headers; a name may stand twice. */
export function HeadersField({
  headers,
  onChange,
}: {
  headers: [string, string][];
  onChange(headers: [string, string][]): void;
}) {
  const set = (index: number, header: [string, string]) =>
    onChange(headers.map((each, position) => (position === index ? header : each)));
  return (
    <div>
      <div className="flex items-center justify-between">
        <span className="font-medium">Headers</span>
        <Button size="sm" variant="ghost" icon={<Plus />} onClick={() => onChange([...headers, ["", ""]])}>
          Add
        </Button>
      </div>
      <ul className="mt-1 flex flex-col gap-1.5">
        {headers.map(([name, value], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a name may stand twice
          <li key={index} className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] gap-1.5">
            <Input
              mono
              aria-label={`Name of header ${index + 1}`}
              value={name}
              onChange={(event) => set(index, [event.target.value, value])}
            />
            <Input
              mono
              aria-label={`Value of header ${index + 1}`}
              value={value}
              onChange={(event) => set(index, [name, event.target.value])}
            />
            <IconButton
              label="Remove the header"
              onClick={() => onChange(headers.filter((_, other) => other !== index))}
            >
              <X />
            </IconButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
