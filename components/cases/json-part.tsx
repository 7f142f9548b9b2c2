"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";
import type * as z from "zod";
import { JsonField } from "../form/json-field";
import { explain } from "./read-cases";

/** A part of a case as JSON. What does not hold yet stays in the box alone, and the case as it was. */
export function JsonPart<Part>({
  label,
  value,
  schema,
  onChange,
  hint,
  readOnly,
}: {
  label: string;
  value: Part;
  schema: z.ZodType<Part>;
  onChange(value: Part): void;
  hint?: ReactNode;
  readOnly: boolean;
}) {
  const [text, setText] = useState(() => print(value));
  const [error, setError] = useState<string | null>(null);
  const written = useRef(JSON.stringify(value));
  useEffect(() => {
    const now = JSON.stringify(value);
    // Another value from outside (undone, taken as it came); one's own is not laid out anew under one's hands.
    if (now === written.current) return;
    written.current = now;
    setText(print(value));
    setError(null);
  }, [value]);
  function write(next: string) {
    if (next === text) return;
    setText(next);
    let read: unknown;
    try {
      read = JSON.parse(next);
    } catch {
      setError("This is not JSON yet; what was there before counts.");
      return;
    }
    const parsed = schema.safeParse(read);
    setError(parsed.success ? null : `${explain(parsed.error.issues)}. What was there before counts.`);
    if (!parsed.success) return;
    const key = JSON.stringify(parsed.data);
    if (key === written.current) return;
    written.current = key;
    onChange(parsed.data);
  }
  return (
    <JsonField
      label={label}
      value={text}
      onChange={write}
      error={error}
      hint={hint}
      readOnly={readOnly}
      className="max-h-[46vh] min-h-40"
    />
  );
}

const print = (value: unknown) => JSON.stringify(value, null, 2);
