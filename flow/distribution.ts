import * as z from "zod";
import type { ProblemDraft } from "./problems";

/** Who gets the messages of a source: its workers share them (competing consumers), or each worker gets all of them (publish-subscribe). */
export type Distribution = "shared" | "each";

/** The field that says it, the same for every broker. */
export const distribution = z
  .enum(["shared", "each"])
  .default("shared")
  .meta({
    title: "Workers",
    help: "Share the messages: each goes to one worker. Each gets all: what stands behind the source is done in every worker, from where it begins; a worker that starts is a new one.",
    widget: "select",
    words: { shared: "Share the messages", each: "Each gets all messages" },
    advanced: true,
  });

/**
 * What belongs to one worker where each gets all: behind the name of a group, subscription or queue, and behind the place in the name of its
 * lanes, so that what is kept by lane and position does not mix up two workers. Empty where they share.
 */
export function ownNameOf(wanted: Distribution | undefined, worker: string): string {
  return wanted === "each" ? `@${worker}` : "";
}

/** What holds of a source of which each worker gets all: a worker that begins at the newest has missed what came before. */
export function describeDistribution(wanted: Distribution | undefined, begin: "earliest" | "latest") {
  const delivery = wanted === "each" && begin === "latest" ? "at-most-once" : "at-least-once";
  return wanted === "each" ? ({ delivery, each: begin } as const) : ({ delivery } as const);
}

/** For a broker that cannot give each worker all: `why` is a sentence. */
export function refuseEach(wanted: Distribution | undefined, why: string): ProblemDraft[] {
  if (wanted !== "each") return [];
  const fix = { do: "set-field", field: "distribution", value: "shared", label: "Share the messages" } as const;
  return [{ code: "distribution-unsupported", field: "distribution", message: why, fix }];
}
