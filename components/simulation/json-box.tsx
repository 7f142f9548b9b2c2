"use client";

import { useEffect, useRef, useState } from "react";
import { Field } from "../ui/field";
import { Textarea } from "../ui/input";

/** A JSON value to be typed. What is not JSON yet stays in the box alone. */
export function JsonBox({
  label,
  value,
  rows,
  onChange,
}: {
  label: string;
  value: unknown;
  rows: number;
  onChange(value: unknown): void;
}) {
  const [text, setText] = useState(() => print(value));
  const written = useRef(value);
  useEffect(() => {
    // Another value from outside; one's own is not laid out anew under one's hands.
    if (written.current !== value) setText(print(value));
    written.current = value;
  }, [value]);
  const broken = read(text) === undefined;
  return (
    <Field label={label} error={broken ? "This is not JSON yet; the last that was goes on." : undefined}>
      {(control) => (
        <Textarea
          {...control}
          mono
          rows={rows}
          spellCheck={false}
          className="!text-12 leading-[18px]"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            const next = read(event.target.value);
            if (next === undefined) return;
            written.current = next.value;
            onChange(next.value);
          }}
        />
      )}
    </Field>
  );
}

function read(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function print(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}` : part), 2) ?? "null";
}
