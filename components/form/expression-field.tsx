"use client";

import clsx from "clsx";
import { lazy, Suspense, useMemo } from "react";
import type { FieldMeta } from "@/flow/fields";
import { unknownShape } from "@/flow/shape/shape";
import { inputClass } from "../ui/input";
import { useFieldProblem, useFormEnvironment } from "./environment";
import { ExpressionResult } from "./expression-result";

const CodeEditor = lazy(() => import("./code-editor"));

const messageNames = ["body", "key", "headers", "meta"];

/** An expression, or text with expressions in it: highlighted, completed, and tried on the chosen sample. */
export function ExpressionField(props: {
  id: string;
  label: string;
  path: string;
  value: string;
  onChange(value: string): void;
  placeholder?: string | undefined;
  holes?: boolean;
  variables?: readonly string[] | undefined;
  expects?: FieldMeta["expects"];
  describedBy?: string | undefined;
}) {
  const { scope, body, readOnly, wanted } = useFormEnvironment();
  const problem = useFieldProblem(props.path);
  const holes = props.holes ?? false;
  const variables = props.variables ?? messageNames;
  const message = problem?.message ?? "";
  const from = problem?.range?.from;
  const to = problem?.range?.to;
  const severity = problem?.severity ?? "error";
  const error = useMemo(
    () => (from === undefined || to === undefined ? null : { from, to, message, severity }),
    [from, to, message, severity],
  );
  const wrong = problem?.severity === "error";
  return (
    <div>
      <div
        className={clsx(
          inputClass,
          "relative !p-0 focus-within:border-focus focus-within:outline-2 focus-within:outline-focus",
          "min-h-[30px]",
          wrong && "!border-bad",
        )}
      >
        <Suspense fallback={<Unready text={props.value} />}>
          <CodeEditor
            id={props.id}
            label={props.label}
            value={props.value}
            onChange={props.onChange}
            placeholder={props.placeholder}
            holes={holes}
            scope={scope}
            body={body?.shape ?? unknownShape}
            variables={variables}
            error={error}
            invalid={wrong}
            describedBy={props.describedBy}
            readOnly={readOnly}
            autoFocus={wanted === props.path}
          />
        </Suspense>
        <span
          className="pointer-events-none absolute right-2 top-1 font-mono text-12 font-semibold leading-5 text-accent"
          title={holes ? "Text with ${expression} holes" : "A CEL expression"}
          aria-hidden
        >
          fx
        </span>
      </div>
      {wrong || props.value.trim() === "" ? null : (
        <ExpressionResult source={props.value} holes={holes} variables={variables} expects={props.expects} />
      )}
    </div>
  );
}

/** The text as it stands, until its editor is there. */
function Unready({ text }: { text: string }) {
  return (
    <div className="min-h-7 whitespace-pre-wrap break-words py-1 pl-2 pr-7 font-mono text-[12.5px] leading-5">
      {text}
    </div>
  );
}
