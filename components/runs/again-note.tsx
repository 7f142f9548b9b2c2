import type { SendAgainView } from "@/server/views";
import { Callout } from "../ui/callout";

/** What is to be known before a message of a run is sent again: which version works it now, and what may happen twice there. */
export function AgainNote({ again }: { again: SendAgainView }) {
  const { why, repeat, notes } = again;
  if (why !== null)
    return (
      <Callout tone="bad" title="It cannot be sent">
        {why}
      </Callout>
    );
  return (
    <Callout tone={notes.length > 0 ? "warn" : "idle"} title="What may happen twice">
      <p>{repeat}</p>
      {[sayVersions(again), ...notes].map((words) => (words === null ? null : <p key={words}>{words}</p>))}
    </Callout>
  );
}

/** Which version works it, and which did. */
export function sayVersions({ ran, now, running }: SendAgainView): string | null {
  if (now === null || !running) return null;
  if (now === ran) return `Version ${now} works it, as it did then.`;
  return `Version ${now} runs now and works it; this run was worked by version ${ran}.`;
}
