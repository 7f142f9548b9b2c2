"use client";

import clsx from "clsx";
import { lazy, type ReactNode, Suspense, useId } from "react";
import { inputClass } from "../ui/input";

const JsonEditor = lazy(() => import("./json-editor"));

/** JSON in the code editor, with its label, a hint, and what is wrong with it. */
export function JsonField({
  label,
  value,
  onChange,
  error,
  hint,
  aside,
  readOnly = false,
  className,
}: {
  label: string;
  value: string;
  onChange(value: string): void;
  error?: ReactNode;
  hint?: ReactNode;
  aside?: ReactNode;
  readOnly?: boolean;
  /** Of the box: its heights. */
  className?: string;
}) {
  const id = useId();
  const below = error || hint ? `${id}-below` : undefined;
  return (
    <div className="min-w-0">
      <div className="mb-1 flex items-center gap-1">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {aside ? <span className="ml-auto flex items-center gap-1 text-12 text-faint">{aside}</span> : null}
      </div>
      <div
        className={clsx(
          inputClass,
          "thin-scroll min-h-[30px] overflow-auto !p-0 focus-within:border-focus focus-within:outline-2 focus-within:outline-focus",
          error && "!border-bad",
          className,
        )}
      >
        <Suspense
          fallback={<pre className="whitespace-pre-wrap px-2 py-1 font-mono text-12 leading-[18px]">{value}</pre>}
        >
          <JsonEditor
            id={id}
            label={label}
            value={value}
            onChange={onChange}
            invalid={Boolean(error)}
            describedBy={below}
            readOnly={readOnly}
          />
        </Suspense>
      </div>
      {below ? (
        <p id={below} className={clsx("mt-1 break-words text-12", error ? "text-bad" : "text-muted")}>
          {error || hint}
        </p>
      ) : null}
    </div>
  );
}
