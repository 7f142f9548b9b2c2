import type { NodeLive } from "@/flow/control";
import { formatTime } from "../ui/formats";
import { wordsOfNode } from "../ui/state-words";

type Seen = Partial<Pick<NodeLive, "state" | "since" | "circuit" | "nextCallAt">> & {
  cause?: { code: string; message: string } | undefined;
};

/** Amber or red words under a node: what it waits for, why, and since when. Nothing while it is well. */
export function wordsOfTrouble(seen: Seen): { tone: "warn" | "bad"; text: string } | null {
  if (seen.circuit && seen.state !== "halted") return { tone: "warn", text: wordsOfCircuit(seen) };
  const { tone, words } = seen.state ? wordsOfNode(seen.state) : { tone: "idle", words: "" };
  if (tone !== "warn" && tone !== "bad") return null;
  return { tone, text: `${words}: ${withoutDot(seen.cause?.message ?? "no cause given")}${wordsOfSince(seen)}` };
}

/** `Circuit open after 10 failures in a row … · next call at 14:02:11 · since 14:01:02` */
function wordsOfCircuit(seen: Seen): string {
  const { circuit, nextCallAt, cause } = seen;
  if (circuit === "half-open")
    return `Circuit half open: one call asks whether the service is back${wordsOfSince(seen)}`;
  const why =
    cause?.code === "circuit-open"
      ? withoutDot(cause.message).replace(/^The circuit is open/, "Circuit open")
      : `Circuit open${cause ? `: ${withoutDot(cause.message)}` : ""}`;
  const next = nextCallAt === undefined ? "" : ` · next call at ${formatTime(new Date(nextCallAt))}`;
  return `${why}${next}${cause ? wordsOfSince(seen) : ""}`;
}

const withoutDot = (text: string) => text.replace(/\.$/, "");
const wordsOfSince = ({ since }: Seen) => (since ? ` · since ${formatTime(new Date(since))}` : "");
