import type { Tone } from "../ui/callout";
import { formatPlural } from "../ui/formats";
import type { SimulatedFailure } from "./view";

/** How it ends, in a sentence or two. */
export function wordsOfOutcome(
  { outcome, hasFailed, backward, stays, stuck, forward }: SimulatedFailure,
  titleOf: (node: string) => string,
  failing: string,
): { tone: Tone; title: string; words: string } {
  if (!hasFailed) {
    const broken = forward.find(({ state }) => state === "failed" || state === "stuck");
    return {
      tone: "warn",
      title: `The saga does not come to ${titleOf(failing)}`,
      words: broken
        ? `${titleOf(broken.node)} fails before it: ${broken.cause?.message ?? "it cannot go on"}`
        : "Over this message it goes another way. Change the message, or what the steps answer.",
    };
  }
  const unsent = forward.find(({ node, request }) => node !== failing && request?.error !== undefined);
  if (unsent) {
    return {
      tone: "warn",
      title: `${titleOf(unsent.node)} cannot be sent over this message`,
      words: `So it would fail before ${titleOf(failing)}. Change the start message below, or its settings; what follows is shown as if it had been sent.`,
    };
  }
  const unmade = backward.find(({ request }) => request.error !== undefined);
  if (unmade) {
    return {
      tone: "warn",
      title: `${titleOf(unmade.node)} cannot be undone over this data`,
      words: "The request of its compensation cannot be made, so a person would be asked. The others are undone.",
    };
  }
  if (outcome === "asking") {
    return {
      tone: "warn",
      title: "It asks a person",
      words: `Nothing is undone past a point of no return. ${joinTitles(stuck.map(({ node }) => titleOf(node)))} waits until somebody retries it, skips it or completes it.`,
    };
  }
  if (outcome === "completed") {
    return {
      tone: "ok",
      title: "It goes on, and is complete",
      words: "The failure leaves by a port that is wired, so nothing is undone.",
    };
  }
  const kept =
    stays.length > 0 ? ` ${joinTitles(stays.map(titleOf))} ${stays.length === 1 ? "stays" : "stay"} done.` : "";
  if (backward.length === 0) {
    return { tone: "undo", title: "The saga is compensated", words: `There is nothing to undo.${kept}` };
  }
  const waves = new Set(backward.map(({ number }) => number)).size;
  const order = waves < backward.length ? ", some side by side" : backward.length > 1 ? ", in reverse order" : "";
  return {
    tone: stays.length > 0 ? "warn" : "undo",
    title: "The saga is compensated",
    words: `${formatPlural(backward.length, "step")} ${backward.length === 1 ? "is" : "are"} undone${order}.${kept}`,
  };
}

/** `Reserve stock, Charge card and Book carrier`. */
export function joinTitles(titles: readonly string[]): string {
  if (titles.length < 2) return titles[0] ?? "It";
  return `${titles.slice(0, -1).join(", ")} and ${titles.at(-1)}`;
}
