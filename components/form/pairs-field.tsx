"use client";

import clsx from "clsx";
import { Plus, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button, IconButton } from "../ui/button";
import { inputClass } from "../ui/input";
import { useFieldProblem, useFormEnvironment } from "./environment";
import { ExpressionField } from "./expression-field";
import { FieldComplaint } from "./field-complaint";
import type { FieldModel } from "./model";

type Row = [name: string, value: string];

/**
 * Named values: fields to set, headers to send. Rows are kept here while a name is empty or stands twice, because the file's object
 * has no place for those.
 */
export function PairsField({
  field,
  path,
  value,
  onChange,
}: {
  field: FieldModel;
  path: string;
  value: Readonly<Record<string, string>>;
  onChange(value: Record<string, string> | undefined): void;
}) {
  const { readOnly } = useFormEnvironment();
  const [rows, setRows] = useState<Row[]>(() => Object.entries(value));
  const written = useRef(value);
  const list = useRef<HTMLUListElement>(null);
  const added = useRef(false);
  useEffect(() => {
    // Who asks for a row goes on typing in it.
    if (added.current && rows.length > 0)
      list.current?.querySelector<HTMLElement>(":scope > li:last-child > input")?.focus();
    added.current = false;
  }, [rows]);
  useEffect(() => {
    // Undo, or another node: what stands in the document counts.
    if (written.current !== value && JSON.stringify(toObject(rows)) !== JSON.stringify(value)) {
      setRows(Object.entries(value));
    }
    written.current = value;
  }, [value, rows]);

  const write = (next: Row[]) => {
    setRows(next);
    const object = toObject(next);
    written.current = object;
    onChange(Object.keys(object).length > 0 ? object : undefined);
  };
  const set = (index: number, row: Row) => write(rows.map((each, position) => (position === index ? row : each)));
  const part = field.parts?.[0];
  const isFields = field.widget === "assignments";
  return (
    <div>
      <ul ref={list} className="flex flex-col gap-2">
        {rows.map(([name, text], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row's name may be typed anew
          <li key={index} className="group grid grid-cols-[104px_minmax(0,1fr)_auto] items-start gap-1.5">
            <input
              aria-label={isFields ? `Field ${index + 1}` : `Name ${index + 1}`}
              placeholder={isFields ? "total" : "x-trace"}
              readOnly={readOnly}
              spellCheck={false}
              autoComplete="off"
              aria-invalid={
                name !== "" && rows.some((row, other) => other < index && row[0] === name) ? true : undefined
              }
              className={clsx(inputClass, "h-[30px] font-mono")}
              value={name}
              onChange={(event) => set(index, [event.target.value.trim(), text])}
            />
            <PairValue
              path={`${path}.${name}`}
              label={name === "" ? `Value ${index + 1}` : `Value of ${name}`}
              part={part}
              value={text}
              onChange={(next) => set(index, [name, next])}
            />
            {readOnly ? null : (
              <IconButton
                label="Remove"
                size="sm"
                side="left"
                className="mt-[3px] opacity-0 transition-opacity focus-visible:opacity-100 group-hover:opacity-100"
                onClick={() => write(rows.filter((_, position) => position !== index))}
              >
                <X className="!size-3.5" />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
      {readOnly ? null : (
        <Button
          size="sm"
          variant="ghost"
          className={rows.length > 0 ? "mt-1.5" : ""}
          icon={<Plus />}
          onClick={() => {
            added.current = true;
            setRows([...rows, ["", ""]]);
          }}
        >
          {isFields ? "Set a field" : "Add"}
        </Button>
      )}
    </div>
  );
}

function PairValue(props: {
  path: string;
  label: string;
  part: FieldModel | undefined;
  value: string;
  onChange(value: string): void;
}) {
  const { path, label, part, value, onChange } = props;
  const problem = useFieldProblem(path);
  const id = `field-${path}`;
  return (
    <div className="min-w-0">
      <ExpressionField
        id={id}
        label={label}
        path={path}
        value={value}
        onChange={onChange}
        placeholder={part?.placeholder}
        expects={part?.expects}
        variables={part?.variables}
        holes={part?.widget !== "expression"}
        describedBy={problem ? `${id}-error` : undefined}
      />
      <FieldComplaint id={`${id}-error`} problem={problem} />
    </div>
  );
}

function toObject(rows: readonly Row[]): Record<string, string> {
  const object: Record<string, string> = {};
  for (const [name, value] of rows) if (name !== "" && !(name in object)) object[name] = value;
  return object;
}
