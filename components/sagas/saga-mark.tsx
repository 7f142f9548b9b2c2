import clsx from "clsx";
import { ArrowRight, Check, Clock, type LucideIcon, OctagonAlert, Undo2, UserRound } from "lucide-react";
import type { SagaStatus } from "@/server/saga-views";
import { wordsOfSaga } from "../ui/state-words";
import { inkOf } from "../ui/tag";

const icons: Readonly<Record<SagaStatus, LucideIcon>> = {
  running: ArrowRight,
  waiting: Clock,
  asking: UserRound,
  stuck: OctagonAlert,
  compensating: Undo2,
  completed: Check,
  compensated: Undo2,
};

/** How a saga stands: its shape, its colour, its word. */
export function SagaMark({ status, words = true }: { status: SagaStatus; words?: boolean }) {
  const { tone, words: text } = wordsOfSaga(status);
  const Icon = icons[status];
  return (
    <span className="inline-flex items-center gap-1.5">
      <Icon
        className={clsx(
          "size-3.5 shrink-0",
          inkOf[tone],
          (status === "running" || status === "compensating") && "animate-wait",
        )}
        {...(words ? { "aria-hidden": true } : { role: "img", "aria-label": text })}
      />
      {words ? text : null}
    </span>
  );
}
