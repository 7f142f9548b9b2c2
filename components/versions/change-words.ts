import type { Changed } from "@/flow/differences";
import type { Tone } from "../ui/callout";

/** A sign beside the word and the colour: what is marked is told apart without seeing colours, too. */
export const changeWords: Readonly<Record<Changed, { tone: Tone; sign: string; word: string }>> = {
  added: { tone: "ok", sign: "+", word: "added" },
  removed: { tone: "bad", sign: "−", word: "removed" },
  changed: { tone: "accent", sign: "~", word: "changed" },
  moved: { tone: "idle", sign: "↔", word: "moved" },
  reworded: { tone: "warn", sign: "“”", word: "reworded" },
};
