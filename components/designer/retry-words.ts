import type { Retry } from "@/flow/document";
import type { CallPolicy } from "@/flow/kind";
import { mayPark, parkAfterMs } from "@/flow/parking";
import { formatDuration, formatPlural } from "../ui/formats";

/** What a node's retry settings mean, as a person would say it. `holds`: the flow parks nothing, whatever the wait. */
export function describeRetry(retry: Retry, { holds = false }: { holds?: boolean } = {}): string {
  if (retry.attempts === 1) return "Tried once, not again.";
  const waits = listWaits(retry);
  if (!mayPark(retry)) {
    const total = waits.reduce((sum, wait) => sum + wait, 0);
    return `${retry.attempts} tries within about ${formatDuration(total)}, in its lane: what comes behind it waits.`;
  }
  if (holds) {
    const when = isEven(waits) ? `${formatDuration(waits[0])} apart` : `again after ${listWords(waits)}`;
    return `${retry.attempts} tries, ${when}. Meanwhile its lane waits: a flow that delivers exactly once parks nothing.`;
  }
  const parked = "the message and later ones of its key are parked, the lane goes on.";
  if (isEven(waits))
    return `Tries again up to ${formatPlural(waits.length, "time")}, ${formatDuration(waits[0])} apart: ${parked}`;
  const inLane = waits.filter((wait) => wait <= parkAfterMs);
  const first =
    inLane.length > 0 ? `Tries again after ${listWords(inLane)} in its lane, then after` : "Tries again after";
  return `${first} ${listWords(waits.slice(inLane.length))}: ${parked}`;
}

/** The longest that each wait takes; chance makes it up to half as long. */
function listWaits({ attempts, backoff, delayMs, maxDelayMs }: Retry): number[] {
  return Array.from({ length: attempts - 1 }, (_, index) =>
    Math.min(maxDelayMs, backoff === "fixed" ? delayMs : delayMs * 2 ** Math.min(index, 30)),
  );
}

/** Several, all the same. */
const isEven = (waits: readonly number[]) => waits.length > 1 && waits.every((wait) => wait === waits[0]);

const listed = 3;

function listWords(waits: readonly number[]): string {
  const words = waits.slice(0, listed).map((wait) => formatDuration(wait));
  if (waits.length > listed) return `${words.join(", ")} …`;
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words.join("");
}

const orders: Record<CallPolicy["order"], string> = {
  key: "those of one key one after another",
  lane: "those of one lane one after another",
  none: "in no order",
};

/** How the calls of a node are held in check. */
export function describeCalls({ concurrency, order, timeoutMs, perSecond, breaker }: CallPolicy): string {
  const atOnce = concurrency === 1 ? "One call at a time" : `Up to ${formatPlural(concurrency, "call")} at once`;
  const inOrder = concurrency === 1 && order !== "lane" ? "" : `, ${orders[order]}`;
  const rate = perSecond === undefined ? "" : `, at most ${perSecond} in a second`;
  const circuit = breaker
    ? ` After ${formatPlural(breaker.failures, "message")} in a row that failed the circuit opens: all wait, and one call every ${formatDuration(breaker.openMs)} asks whether the service is back.`
    : " The circuit never opens.";
  return `${atOnce}${inOrder}${rate}, by each worker; an answer is waited for ${formatDuration(timeoutMs)}.${circuit}`;
}
