"use client";

import clsx from "clsx";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import type { FieldMeta } from "@/flow/fields";
import { inputClass } from "../ui/input";
import { useFieldProblem, useFormEnvironment } from "./environment";
import { type Evaluated, evaluateOn } from "./evaluate";

const CodeEditor = lazy(() => import("./code-editor"));

const messageNames = ["body", "key", "headers", "meta"];

/** An expression, or text with expressions in it: highlighted, completed, and tried on the newest message. */
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
  const { scope, readOnly, wanted } = useFormEnvironment();
  const problem = useFieldProblem(props.path);
  const holes = props.holes ?? false;
  const variables = props.variables ?? messageNames;
  const message = problem?.message ?? "";
  const from = problem?.range?.from;
  const to = problem?.range?.to;
  const error = useMemo(
    () => (from === undefined || to === undefined ? null : { from, to, message }),
    [from, to, message],
  );
  return (
    <div>
      <div
        className={clsx(
          inputClass,
          "relative !p-0 focus-within:border-focus focus-within:outline-2 focus-within:outline-focus",
          "min-h-[30px]",
          problem && "!border-bad",
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
            variables={variables}
            error={error}
            invalid={problem !== undefined}
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
      {problem || props.value.trim() === "" ? null : (
        <Result source={props.value} holes={holes} variables={variables} expects={props.expects} />
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

/** What it gives on the newest message. */
function Result(props: {
  source: string;
  holes: boolean;
  variables: readonly string[];
  expects: FieldMeta["expects"];
}) {
  const { source, holes, variables, expects } = props;
  const { scope } = useFormEnvironment();
  const [result, setResult] = useState<Evaluated | null>(null);
  useEffect(() => {
    if (holes && !source.includes("${")) {
      setResult(null);
      return;
    }
    let gone = false;
    const timer = setTimeout(() => {
      void evaluateOn(source, { holes, scope, variables, expects }).then((next) => {
        if (!gone) setResult(next);
      });
    }, 120);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [source, holes, scope, variables, expects]);
  if (!result) return null;
  return (
    <p
      className="mt-1 flex min-w-0 gap-1.5 font-mono text-12 text-muted"
      title={scope ? `On ${scope.words}` : undefined}
      data-testid="expression-result"
    >
      <span className="text-faint" aria-hidden>
        →
      </span>
      {result.ok ? (
        <span className="min-w-0 truncate">
          <span className="sr-only">Result on {scope?.words ?? "a sample"}: </span>
          {result.text}
        </span>
      ) : (
        <span className="min-w-0 break-words font-sans text-warn">{result.message}</span>
      )}
    </p>
  );
}
