import type { DeadLetterSummary } from "@/server/views";
import type { ExportFilter } from "./export-letters";

export type ListedState = DeadLetterSummary["state"] | "open" | "all";
export const listedStates: readonly ListedState[] = [
  "open",
  "waiting",
  "queued",
  "sending",
  "sent",
  "discarded",
  "all",
];

/** Which dead letters the page shows, as its address says it. */
export interface LetterPlace {
  state: ListedState;
  flow?: string;
  cause?: string;
  node?: string;
  version?: number;
  /** Failed within so many hours. */
  hours?: number;
  key?: string;
  text?: string;
  redrive?: string;
}

export function readPlace(params: Pick<URLSearchParams, "get">): LetterPlace {
  const asked = params.get("state");
  const place: LetterPlace = { state: listedStates.find((each) => each === asked) ?? "open" };
  for (const name of ["flow", "cause", "node", "key", "text", "redrive"] as const) {
    const value = params.get(name);
    if (value) place[name] = value;
  }
  for (const name of ["version", "hours"] as const) {
    const value = Number(params.get(name));
    if (Number.isInteger(value) && value > 0) place[name] = value;
  }
  return place;
}

/** What the server is asked for. */
export function listFilterOf({ state, cause, ...rest }: LetterPlace): ExportFilter {
  return { ...rest, ...(state === "all" ? {} : { state }), ...(cause ? { fingerprint: cause } : {}) };
}
