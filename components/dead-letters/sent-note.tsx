"use client";

import Link from "next/link";
import type { DeadLetterView } from "@/server/views";
import { formatExact, formatMoment, formatPlural } from "../ui/formats";
import { wordsOfRun } from "../ui/state-words";
import { Dot } from "../ui/tag";

/** Of a letter that was sent again: by whom, when, as what, and what became of it, with the way to each run. */
export function SentNote({ letter }: { letter: DeadLetterView }) {
  const { sent, sentRuns, sends } = letter;
  if (!sent && sends === 0) return null;
  return (
    <section aria-label="Sent again" className="mt-2 rounded-md border px-3 py-2 text-12">
      <p title={sent ? formatExact(sent.at) : undefined}>
        {sent ? (
          <>
            <span className="font-medium">Sent again by {sent.by}</span>, {formatMoment(sent.at)}, to{" "}
            {sent.target === "source" ? "its source" : letter.nodeTitle}, {sent.edited ? "edited" : "as it was"}
            {sends > 1 ? ` · sent ${formatPlural(sends, "time")} in all` : ""}
          </>
        ) : (
          <span className="font-medium">Sent {formatPlural(sends, "time")} again</span>
        )}
      </p>
      {sentRuns.map((run) => {
        const { tone, words } = wordsOfRun(run.state);
        return (
          <p key={run.id} className="mt-1 flex items-center gap-2">
            <Dot tone={tone} />
            <span>{words}</span>
            <span className="text-muted" title={formatExact(run.startedAt)}>
              {formatMoment(run.startedAt)}, on v{run.version}
            </span>
            <Link href={`/runs/${run.id}`} className="ml-auto text-accent hover:underline">
              Open this run
            </Link>
          </p>
        );
      })}
      {sends > 0 && sentRuns.length === 0 ? <p className="mt-1 text-muted">{wordsWithoutRun(letter)}</p> : null}
    </section>
  );
}

function wordsWithoutRun({ state }: DeadLetterView): string {
  if (state === "sent") return "It went through. Its run was not kept.";
  return state === "waiting" ? "Its run was not kept." : "It is on its way.";
}
