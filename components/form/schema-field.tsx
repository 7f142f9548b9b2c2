"use client";

import { useEffect, useRef, useState } from "react";
import type { FieldControl } from "../ui/field";
import { Textarea } from "../ui/input";
import { useFormEnvironment } from "./environment";

/**
 * A JSON Schema as text. What is a JSON object goes into the file as such, so that a person reads it there; anything else as the text it
 * is, with its problem, so that nothing typed is lost.
 */
export function SchemaField(props: {
  control: FieldControl;
  value: unknown;
  placeholder: string | undefined;
  onChange(value: unknown): void;
}) {
  const { control, value, placeholder, onChange } = props;
  const { readOnly } = useFormEnvironment();
  const [text, setText] = useState(() => writeSchema(value));
  const written = useRef(value);
  useEffect(() => {
    // Undo, or another node: what stands in the document counts.
    if (written.current !== value) setText(writeSchema(value));
    written.current = value;
  }, [value]);
  return (
    <Textarea
      {...control}
      mono
      spellCheck={false}
      className="max-h-80 min-h-28 text-12"
      value={text}
      readOnly={readOnly}
      placeholder={placeholder}
      onChange={(event) => {
        const next = event.target.value;
        setText(next);
        written.current = readSchemaText(next);
        onChange(written.current);
      }}
    />
  );
}

function writeSchema(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function readSchemaText(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Half typed: the text says it all.
  }
  return text;
}
