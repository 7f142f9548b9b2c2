import Link from "next/link";
import type { RunStep } from "@/flow/control";
import { joinWords } from "@/flow/issues";
import { shortenCause } from "@/flow/shorten-cause";
import type { RunView } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { CauseChain } from "../payload/cause-chain";
import { Callout } from "../ui/callout";
import { wordsOfDeadLetter } from "../ui/state-words";
import { titleOf } from "./run-titles";

/** Why a step failed, with what led to it and what went wrong before; and what is safe. */
export function StepFailure({ run, work }: { run: RunView; work: RunStep }) {
  const { cause } = work;
  if (!cause) return null;
  return (
    <div className="px-4 pt-3">
      <Callout
        tone={work.state === "retry" || work.state === "parked" ? "warn" : "bad"}
        title={<InlineCode text={shortenCause(cause.message)} />}
      >
        <p className="font-mono text-12 text-muted">{cause.code}</p>
        <p>{describeSafety(run, work)}</p>
        {work.state === "dead" && run.deadLetters.length === 1 ? (
          <p>
            <Link
              href={`/dead-letters?id=${run.deadLetters[0]?.id}`}
              className="text-accent underline underline-offset-2"
            >
              Open its dead letter
            </Link>
          </p>
        ) : null}
        <CauseChain
          code={cause.code}
          message={cause.message}
          detail={cause.detail}
          causes={work.causes ?? []}
          node={work.node}
          nodeWords={(id) => titleOf(run.document, id)}
        />
      </Callout>
    </div>
  );
}

function describeSafety(run: RunView, { state }: RunStep): string {
  switch (state) {
    case "dead":
      if (run.deadLetters.length > 0 && run.deadLetters.every(({ state: of }) => of !== "waiting"))
        return `The message was kept whole in the dead letters; nothing was written after this node. There it is ${joinWords(
          [...new Set(run.deadLetters.map(({ state: of }) => wordsOfDeadLetter(of).words.toLowerCase()))],
          "and",
        )} now.`;
      return run.deadLetters.length > 0
        ? "The message is kept whole in the dead letters; nothing was written after this node. Send it again when the cause is gone."
        : "The message went to the dead letters; nothing was written after this node.";
    case "retry":
      return "It was tried again.";
    case "parked":
      return "The message is kept whole and waits for a later try, which is a run of its own. Later messages of its key wait behind it.";
    default:
      return "The message left by the node’s error port.";
  }
}
