"use client";

import clsx from "clsx";
import { Check, ChevronDown } from "lucide-react";
import { Select as Radix } from "radix-ui";
import type { ReactNode } from "react";
import type { FieldControl } from "./field";
import { inputClass } from "./input";

export interface SelectOption<Value extends string = string> {
  value: Value;
  label: ReactNode;
  /** Second line in the list. */
  hint?: string;
  disabled?: boolean;
}

/** Radix keeps the empty string for "nothing chosen"; an option of that value gets a stand-in. */
const emptyValue = "\u0000empty";

export function Select<Value extends string>({
  value,
  onValueChange,
  options,
  placeholder = "Choose…",
  label,
  className,
  disabled,
  mono,
  ...control
}: Partial<FieldControl> & {
  value: Value | undefined;
  onValueChange(value: Value): void;
  options: readonly SelectOption<Value>[];
  placeholder?: string;
  /** Read out when no field's label points here. */
  label?: string;
  className?: string;
  disabled?: boolean;
  mono?: boolean;
}) {
  const offersEmpty = options.some((option) => option.value === "");
  const shown = value === "" && offersEmpty ? emptyValue : (value ?? "");
  return (
    <Radix.Root
      value={shown}
      onValueChange={(next) => onValueChange((next === emptyValue ? "" : next) as Value)}
      disabled={disabled ?? false}
    >
      <Radix.Trigger
        aria-label={label}
        className={clsx(
          inputClass,
          "flex h-[30px] items-center justify-between gap-2 data-[placeholder]:text-faint",
          mono && "font-mono",
          className,
        )}
        {...control}
      >
        <span className="truncate">
          <Radix.Value placeholder={placeholder} />
        </span>
        <Radix.Icon>
          <ChevronDown className="size-4 text-muted" />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          className="thin-scroll z-50 max-h-80 min-w-(--radix-select-trigger-width) animate-appear overflow-auto rounded-md border border-line bg-raised p-1 shadow-float"
        >
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={option.value === "" ? emptyValue : option.value}
                disabled={option.disabled ?? false}
                className="flex cursor-default select-none items-start gap-2 rounded-sm px-2 py-1 outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-hover"
              >
                <span className="mt-0.5 w-4 shrink-0">
                  <Radix.ItemIndicator>
                    <Check className="size-4 text-accent" />
                  </Radix.ItemIndicator>
                </span>
                <span className={clsx("min-w-0", mono && "font-mono")}>
                  <Radix.ItemText>{option.label}</Radix.ItemText>
                  {option.hint ? <span className="block text-12 text-faint">{option.hint}</span> : null}
                </span>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
