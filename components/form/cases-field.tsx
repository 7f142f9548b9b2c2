"use client";

import clsx from "clsx";
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button, IconButton } from "../ui/button";
import { inputClass } from "../ui/input";
import { useFieldProblem, useFormEnvironment } from "./environment";
import { ExpressionField } from "./expression-field";
import { FieldComplaint } from "./field-complaint";
import type { FieldModel } from "./model";

export interface Case {
  port: string;
  when: string;
}

/** The cases of a switch: a port's name and the expression that leads there, tried from the top. */
export function CasesField({
  field,
  path,
  value,
  onChange,
}: {
  field: FieldModel;
  path: string;
  value: readonly Case[];
  onChange(value: Case[]): void;
}) {
  const { readOnly } = useFormEnvironment();
  const set = (index: number, change: Partial<Case>) =>
    onChange(value.map((each, position) => (position === index ? { ...each, ...change } : each)));
  const move = (index: number, to: number) => {
    const next = [...value];
    const [moved] = next.splice(index, 1);
    next.splice(to, 0, moved!);
    onChange(next);
  };
  const freePort = () => {
    for (let number = value.length + 1; ; number++) {
      if (!value.some(({ port }) => port === `case-${number}`)) return `case-${number}`;
    }
  };
  const when = field.parts?.find((part) => part.name === "when");
  return (
    <div>
      <ol className="flex flex-col gap-2">
        {value.map((each, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a case's place is its identity, its port may be typed anew
          <li key={index} className="group grid grid-cols-[76px_minmax(0,1fr)_auto] items-start gap-1.5">
            <PortName
              path={`${path}.${index}.port`}
              label={`Port of case ${index + 1}`}
              value={each.port}
              onChange={(port) => set(index, { port })}
            />
            <CaseWhen
              path={`${path}.${index}.when`}
              label={`Condition of case ${index + 1}`}
              placeholder={when?.placeholder}
              expects={when?.expects}
              value={each.when}
              onChange={(text) => set(index, { when: text })}
            />
            {readOnly ? null : (
              <span className="flex flex-col items-center opacity-0 transition-opacity focus-within:opacity-100 group-hover:opacity-100">
                <IconButton
                  label="Remove the case"
                  size="sm"
                  side="left"
                  onClick={() => onChange(value.filter((_, position) => position !== index))}
                >
                  <X className="!size-3.5" />
                </IconButton>
                {index > 0 ? (
                  <IconButton
                    label="Try it earlier"
                    size="sm"
                    side="left"
                    className="!h-4"
                    onClick={() => move(index, index - 1)}
                  >
                    <ArrowUp className="!size-3" />
                  </IconButton>
                ) : null}
                {index < value.length - 1 ? (
                  <IconButton
                    label="Try it later"
                    size="sm"
                    side="left"
                    className="!h-4"
                    onClick={() => move(index, index + 1)}
                  >
                    <ArrowDown className="!size-3" />
                  </IconButton>
                ) : null}
              </span>
            )}
          </li>
        ))}
      </ol>
      {readOnly ? null : (
        <Button
          size="sm"
          variant="ghost"
          className="mt-1.5"
          icon={<Plus />}
          onClick={() => onChange([...value, { port: freePort(), when: "" }])}
        >
          Add case
        </Button>
      )}
    </div>
  );
}

function CaseWhen(props: {
  path: string;
  label: string;
  placeholder: string | undefined;
  expects: FieldModel["expects"];
  value: string;
  onChange(value: string): void;
}) {
  const problem = useFieldProblem(props.path);
  const id = `field-${props.path}`;
  return (
    <div className="min-w-0">
      <ExpressionField {...props} id={id} describedBy={problem ? `${id}-error` : undefined} />
      <FieldComplaint id={`${id}-error`} problem={problem} />
    </div>
  );
}

/** A port's name. While it is empty the drawing keeps the last one, so that its wire is not lost between two keys. */
export function PortName(props: { path: string; label: string; value: string; onChange(value: string): void }) {
  const { readOnly, wanted } = useFormEnvironment();
  const problem = useFieldProblem(props.path);
  const [text, setText] = useState(props.value);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(props.value), [props.value]);
  useEffect(() => {
    if (wanted === props.path) input.current?.focus();
  }, [wanted, props.path]);
  return (
    <div className="min-w-0">
      <input
        ref={input}
        aria-label={props.label}
        aria-invalid={problem ? true : undefined}
        title={problem?.message}
        readOnly={readOnly}
        spellCheck={false}
        autoComplete="off"
        className={clsx(inputClass, "h-[30px] font-mono")}
        value={text}
        onChange={(event) => {
          const next = event.target.value.toLowerCase().replace(/[^a-z0-9-]/g, "-");
          setText(next);
          if (next !== "") props.onChange(next);
        }}
        onBlur={() => setText(props.value)}
      />
      {problem ? <p className="mt-1 break-words text-12 text-bad">{problem.message}</p> : null}
    </div>
  );
}
