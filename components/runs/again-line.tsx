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
      {run.sentAgain.map(({ at, by, find }) => (
        <span key={`${find} ${at.getTime()}`} suppressHydrationWarning>
          Its message was sent again {formatMoment(at)} by {by}:{" "}
          <Link href={`/runs?text=${encodeURIComponent(find)}`} className={link}>
            find that run
          </Link>
        </span>
      ))}
    </section>
  );
}
