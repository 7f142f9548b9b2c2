"use client";

import clsx from "clsx";
import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { formatCount } from "./formats";

export interface Tab<Value extends string = string> {
  value: Value;
  label: ReactNode;
  count?: number;
}

/** Tabs with a line under the open one; the open tab is the caller's state, so that it can live in the address. */
export function Tabs<Value extends string>({
  tabs,
  value,
  onValueChange,
  children,
  className,
  label,
}: {
  tabs: readonly Tab<Value>[];
  value: Value;
  onValueChange(value: Value): void;
  children: ReactNode;
  className?: string;
  label?: string;
}) {
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => onValueChange(next as Value)}
      className={clsx("flex min-h-0 flex-col", className)}
    >
      <Radix.List aria-label={label} className="flex shrink-0 gap-2 overflow-x-auto border-b px-4">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="whitespace-nowrap pb-2 pt-1.5 text-muted transition-colors hover:text-text data-[state=active]:font-medium data-[state=active]:text-text data-[state=active]:shadow-[inset_0_-2px_var(--accent)]"
          >
            {tab.label}
            {tab.count ? <span className="ml-1.5 text-faint">{formatCount(tab.count)}</span> : null}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {children}
    </Radix.Root>
  );
}

export function TabPanel({ value, className, children }: { value: string; className?: string; children: ReactNode }) {
  return (
    <Radix.Content value={value} className={clsx("thin-scroll min-h-0 flex-1 overflow-auto", className)} tabIndex={-1}>
      {children}
    </Radix.Content>
  );
}

/** A few views of one thing, side by side: Tree · Raw · Difference. */
export function Segments<Value extends string>({
  options,
  value,
  onValueChange,
  label,
}: {
  options: readonly { value: Value; label: ReactNode }[];
  value: Value;
  onValueChange(value: Value): void;
  label: string;
}) {
  return (
    <fieldset className="inline-flex rounded-md border border-line bg-sunken p-px" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onValueChange(option.value)}
          className={clsx(
            "rounded-[5px] px-2 text-12 leading-5 transition-colors",
            option.value === value
              ? "bg-surface font-medium text-text shadow-[inset_0_0_0_1px_var(--line-strong)]"
              : "text-muted hover:text-text",
          )}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
