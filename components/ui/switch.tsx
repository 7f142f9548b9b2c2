"use client";

import { Check, Minus } from "lucide-react";
import { Switch as Radix, Checkbox as RadixCheckbox } from "radix-ui";
import type { FieldControl } from "./field";

interface Toggle extends Partial<FieldControl> {
  checked: boolean;
  onCheckedChange(checked: boolean): void;
  label?: string;
  disabled?: boolean;
}

export function Switch({ checked, onCheckedChange, label, disabled = false, ...control }: Toggle) {
  return (
    <Radix.Root
      checked={checked}
      onCheckedChange={onCheckedChange}
      disabled={disabled}
      aria-label={label}
      className="h-4 w-7 shrink-0 rounded-full border border-line-strong bg-sunken transition-colors disabled:opacity-50 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      {...control}
    >
      <Radix.Thumb className="block size-3 translate-x-px rounded-full bg-faint transition-transform data-[state=checked]:translate-x-[13px] data-[state=checked]:bg-accent-text" />
    </Radix.Root>
  );
}

export function Checkbox({
  checked,
  onCheckedChange,
  label,
  disabled = false,
  ...control
}: Omit<Toggle, "checked"> & { checked: boolean | "indeterminate" }) {
  return (
    <RadixCheckbox.Root
      checked={checked}
      onCheckedChange={(next) => onCheckedChange(next === true)}
      disabled={disabled}
      aria-label={label}
      className="grid size-4 shrink-0 place-items-center rounded-sm border border-line-strong bg-bg transition-colors data-[state=checked]:border-accent data-[state=indeterminate]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:bg-accent"
      {...control}
    >
      <RadixCheckbox.Indicator className="text-accent-text">
        {checked === "indeterminate" ? (
          <Minus className="size-3" strokeWidth={3} />
        ) : (
          <Check className="size-3" strokeWidth={3} />
        )}
      </RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  );
}
