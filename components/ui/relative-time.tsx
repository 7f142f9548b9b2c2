"use client";

import { useSyncExternalStore } from "react";
import { formatAgo, formatExact } from "./formats";

/** One clock for all relative times of the page, ticking only while one is shown. */
const listeners = new Set<() => void>();
let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 5000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The page's clock, moved on every few seconds: milliseconds since the epoch. */
export function useNow(): number {
  return useSyncExternalStore(
    subscribe,
    () => {
      if (Date.now() - now > 5000) now = Date.now();
      return now;
    },
    () => 0,
  );
}

/** `12 s ago`, the exact time on hover. */
export function RelativeTime({ date, className }: { date: Date; className?: string }) {
  const current = useNow();
  return (
    <time dateTime={date.toISOString()} title={formatExact(date)} className={className} suppressHydrationWarning>
      {formatAgo(date, Math.max(current, date.getTime()))}
    </time>
  );
}
