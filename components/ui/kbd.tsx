import type { ReactNode } from "react";

/** A key of the keyboard. */
export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-block whitespace-nowrap rounded-sm border border-line px-1 font-mono text-12 font-medium leading-4 text-faint">
      {children}
    </kbd>
  );
}
