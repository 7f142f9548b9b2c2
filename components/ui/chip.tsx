import clsx from "clsx";
import { X } from "lucide-react";
import type { ReactNode } from "react";

/** A part of a filter that is on or off in place. */
export function ToggleChip({ on, onToggle, children }: { on: boolean; onToggle(): void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onToggle}
      className={clsx(
        "inline-flex h-6 items-center gap-1.5 rounded-full border px-2 text-12 transition-colors",
        on
          ? "border-accent bg-accent-soft font-medium text-accent"
          : "border-line bg-surface text-muted hover:bg-hover",
      )}
    >
      {children}
    </button>
  );
}

/** A part of a filter that is set, and can be taken away. */
export function SetChip({
  label,
  value,
  mono = false,
  onRemove,
}: {
  label: string;
  value: string;
  mono?: boolean;
  onRemove(): void;
}) {
  return (
    <span className="inline-flex h-6 max-w-72 items-center gap-1 rounded-full border border-accent bg-accent-soft pl-2 text-12 text-accent">
      {label}: <span className={clsx("truncate font-medium", mono && "font-mono")}>{value}</span>
      <button
        type="button"
        aria-label={`Remove filter ${label}`}
        onClick={onRemove}
        className="grid size-5 place-items-center rounded-full hover:bg-hover"
      >
        <X className="size-3" />
      </button>
    </span>
  );
}
