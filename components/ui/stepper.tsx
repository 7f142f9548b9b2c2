import { ChevronLeft, ChevronRight } from "lucide-react";
import { IconButton } from "./button";
import { formatCount } from "./formats";

/** Walks through many of one thing: `‹ visit 2 of 14 ›`. */
export function Stepper({
  what,
  at,
  of,
  onGo,
}: {
  /** In small letters: `visit`. */
  what: string;
  /** From 1. */
  at: number;
  of: number;
  onGo(at: number): void;
}) {
  return (
    <nav
      aria-label={`${what.charAt(0).toUpperCase()}${what.slice(1)}s`}
      className="inline-flex shrink-0 items-center gap-0.5 rounded-md border border-line text-12 tabular-nums text-muted"
    >
      <IconButton size="sm" label={`Previous ${what}`} disabled={at <= 1} onClick={() => onGo(at - 1)}>
        <ChevronLeft />
      </IconButton>
      <span aria-live="polite" className="whitespace-nowrap">
        {what} {formatCount(at)} of {formatCount(of)}
      </span>
      <IconButton size="sm" label={`Next ${what}`} disabled={at >= of} onClick={() => onGo(at + 1)}>
        <ChevronRight />
      </IconButton>
    </nav>
  );
}
