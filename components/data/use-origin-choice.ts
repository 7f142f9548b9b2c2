"use client";

import { create } from "zustand";

/** Where the samples come from. */
export type Origin = "trial" | "runs" | "place" | "example";

const key = "millrace.data.origin";
const origins: readonly string[] = ["trial", "runs", "place", "example"];

const useChoice = create<{ origin: Origin | null; choose(origin: Origin): void }>((set) => ({
  origin: readKept(),
  choose(origin) {
    localStorage.setItem(key, origin);
    set({ origin });
  },
}));

function readKept(): Origin | null {
  const kept = typeof localStorage === "undefined" ? null : localStorage.getItem(key);
  return kept !== null && origins.includes(kept) ? (kept as Origin) : null;
}

/** What a person chose last, for every node, kept in the browser; `null` until then. */
export function useOriginChoice(): [Origin | null, (origin: Origin) => void] {
  return [useChoice(({ origin }) => origin), useChoice(({ choose }) => choose)];
}
