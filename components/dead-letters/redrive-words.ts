import { expressionsOf, readMapping } from "@/flow/printed-mapping";
import type { RedriveView } from "@/server/views";
import type { Tone } from "../ui/callout";
import { formatCount } from "../ui/formats";

export interface RedriveWords {
  tone: Tone;
  title: string;
  progress: string;
  detail: string;
}

const titles: Record<RedriveView["state"], string> = {
  planned: "Choosing what to send",
  running: "Sending again",
  paused: "Paused",
  stopped: "Stopped",
  done: "Sent again",
};

/** A redrive as it is shown. @param runs whether its flow is deployed: only then something is sent */
export function wordsOfRedrive(redrive: RedriveView, runs: boolean): RedriveWords {
  const { state, flowTitle, asked, sent, failedAgain, changed, refused, skipped, left, givenBack } = redrive;
  const { rate, pauseAfter, reason } = redrive;
  const waits = state === "running" && !runs;
  const counted: [number, string][] = [
    [failedAgain, "failed again"],
    [refused, "not sent, as their node is gone"],
    [skipped, "not chosen, as the condition fails"],
    [changed, "changed"],
  ];
  const counts = counted.filter(([count]) => count > 0).map(([count, words]) => `${formatCount(count)} ${words}`);
  const facts = [
    redrive.target === "node" ? "to the node where each failed" : "to the source",
    ...(redrive.edit === null ? [] : [wordsOfMapping(redrive.edit)]),
    ...(rate === null ? [] : [`at most ${formatCount(rate)}/s`]),
    ...(pauseAfter === null ? [] : [`pauses after ${formatCount(pauseAfter)} failed`]),
    ...(redrive.cause === null ? [] : ["one cause"]),
    ...(redrive.where === null ? [] : [`where ${redrive.where}`]),
    `by ${redrive.by}`,
  ];
  return {
    tone: toneOf(redrive, waits),
    title: `${waits ? "Waits for the flow to be deployed" : titles[state]}: ${flowTitle}`,
    progress: [
      state === "stopped" && asked === 0
        ? "none sent"
        : `${formatCount(sent)} of ${formatCount(asked)} ${failedAgain > 0 ? "went through" : "sent"}`,
      ...counts,
      ...(givenBack > 0 ? [`${formatCount(givenBack)} not sent, given up as before`] : []),
      ...(left > 0 && state === "stopped" ? [`${formatCount(left)} still on the way`] : []),
    ].join(" · "),
    detail: reason ?? facts.join(" · "),
  };
}

/** `price set to 9.5`; a whole new body as its expression. */
function wordsOfMapping(edit: string): string {
  const parts = expressionsOf(readMapping(edit));
  return parts
    .map(({ field, source }) => (field === null ? `body changed to ${source}` : `${field} set to ${source}`))
    .join(", ");
}

function toneOf({ state, failedAgain, refused, reason }: RedriveView, waits: boolean): Tone {
  if (waits || state === "paused") return "warn";
  if (reason !== null) return "bad";
  if (state === "stopped") return "idle";
  if (failedAgain + refused > 0) return "warn";
  return state === "done" ? "ok" : "accent";
}
