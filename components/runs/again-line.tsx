import Link from "next/link";
import type { RunView } from "@/server/views";
import { formatMoment } from "../ui/formats";

/** That its message came from another run, or was sent again since, from a run or as a dead letter: the way there, when and by whom. */
export function AgainLine({ run }: { run: RunView }) {
  const sent = run.deadLetters.filter(({ state }) => state === "sent");
  if (run.from === null && run.sentAgain.length === 0 && sent.length === 0) return null;
  const link = "font-medium text-accent underline underline-offset-2";
  return (
    <section
      aria-label="Sent again"
      className="flex shrink-0 flex-wrap gap-x-4 border-b bg-surface px-4 py-1.5 text-12 text-muted"
    >
      {run.from === null ? null : (
        <span>
          Sent again by hand from{" "}
          <Link href={`/runs/${run.from}`} className={link}>
            an earlier run
          </Link>
        </span>
      )}
      {sent.map(({ id }) => (
        <span key={id}>
          Its dead letter was sent again:{" "}
          <Link href={`/runs?text=${id}`} className={link}>
            find that run
          </Link>
        </span>
      ))}
      {groupSendings(run.sentAgain).map(({ at, by, find, times }) => (
        <span key={find} suppressHydrationWarning>
          Its message was sent again {times > 1 ? `${times} times, the last ` : ""}
          {formatMoment(at)} by {by}:{" "}
          <Link href={`/runs?text=${encodeURIComponent(find)}`} className={link}>
            find {times > 1 ? "those runs" : "that run"}
          </Link>
        </span>
      ))}
    </section>
  );
}

/** The last of those that are found alike: a step that is sent twice is one message to the search. They come in their order. */
function groupSendings(sendings: RunView["sentAgain"]) {
  const groups = new Map<string, RunView["sentAgain"][number] & { times: number }>();
  for (const each of sendings) groups.set(each.find, { ...each, times: (groups.get(each.find)?.times ?? 0) + 1 });
  return [...groups.values()];
}
