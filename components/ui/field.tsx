"use client";

import clsx from "clsx";
import { CircleHelp } from "lucide-react";
import { type ReactNode, useId } from "react";
import { Tooltip } from "./tooltip";

/** What a control takes over from its field. */
export interface FieldControl {
  id: string;
  "aria-invalid"?: true | undefined;
  "aria-describedby"?: string | undefined;
  "aria-required"?: true | undefined;
}

export interface FieldProps {
  label: ReactNode;
  /** On demand, behind a question mark. */
  help?: ReactNode;
  /** Always in sight, under the control. */
  hint?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  /** Right of the label. */
  aside?: ReactNode;
  className?: string;
  children(control: FieldControl): ReactNode;
}

/** Label, control, and the error under it, tied together for screen readers. */
export function Field({ label, help, hint, error, required, aside, className, children }: FieldProps) {
  const id = useId();
  const below = error || hint ? `${id}-below` : undefined;
  return (
    <div className={className}>
      <div className="mb-1 flex items-center gap-1">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {help ? (
          <Tooltip content={help}>
            <button type="button" aria-label="Help" className="rounded-sm text-faint hover:text-text">
              <CircleHelp className="size-3.5" />
            </button>
          </Tooltip>
        ) : null}
        {aside ? <span className="ml-auto text-12 text-faint">{aside}</span> : null}
      </div>
      {children({
        id,
        "aria-invalid": error ? true : undefined,
        "aria-describedby": below,
        "aria-required": required ? true : undefined,
      })}
      {below ? (
        <p id={below} className={clsx("mt-1 break-words text-12", error ? "text-bad" : "text-muted")}>
          {error || hint}
        </p>
      ) : null}
    </div>
  );
}
