import type { WaitingView } from "@/server/views";
import { formatPlural } from "../ui/formats";

/** `1,204 messages wait at “Orders” (orders)`; what no broker tells is said, too. Empty for no sources. */
export function wordsOfWaiting(waiting: readonly WaitingView[]): string {
  const known = waiting.filter(({ messages }) => messages !== null && messages > 0);
  const untold = waiting.filter(({ messages }) => messages === null);
  const parts = known.map(
    ({ title, place, messages }) => `${formatPlural(messages!, "message")} at “${title}” (${place})`,
  );
  const one = known.length === 1 && known[0]!.messages === 1;
  const told = parts.length > 0 ? `${parts.join(", ")} ${one ? "waits" : "wait"}.` : "";
  const unknown = untold.map(({ title }) => `“${title}”`).join(", ");
  const nothing =
    waiting.length > 0 && known.length === 0 && untold.length === 0 ? "Nothing waits at its sources." : "";
  return [told, nothing, unknown ? `How many wait at ${unknown}, the broker does not tell.` : ""]
    .filter(Boolean)
    .join(" ");
}
