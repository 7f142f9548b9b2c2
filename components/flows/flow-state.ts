import type { FlowSummary, LiveView } from "@/server/views";
import { type StateWords, wordsOfDeployment } from "../ui/state-words";

/** How a flow is, since when, and why. */
export interface FlowState extends StateWords {
  /** Milliseconds since the epoch; absent where it is not known. */
  since?: number;
  /** In words; where it has a code, that stands behind. */
  cause?: string;
  hollow?: boolean;
  pulse?: boolean;
}

/** Between two messages of a slow source a flow is no idler than before. */
const idleAfterMs = 60_000;
/** Of a node that is disabled and lets nothing on. */
const blockedCode = "node-disabled";

/** The state of a flow as lists tell it: one that runs is told by what its lanes do. */
export function readFlowState(flow: FlowSummary, live: LiveView | undefined, now: number): FlowState {
  const { deployment } = flow;
  if (!deployment) return { tone: "idle", words: "Never deployed", hollow: true };
  const state = live?.state ?? (deployment.desired === "stopped" ? "stopped" : "starting");
  const base = wordsOfDeployment(state);
  const cause = live?.cause ? { cause: `${live.cause.message} (${live.cause.code})` } : {};
  if (state === "stopped") {
    const since = deployment.updatedAt.getTime();
    return { ...base, hollow: true, since, cause: deployment.updatedBy ? `By ${deployment.updatedBy}.` : "" };
  }
  const told = live ? readLanes(live, now) : null;
  if (told && (state === "running" || told.words === "Stalled")) return told;
  return { ...base, ...cause, pulse: state === "starting" || state === "stopping" };
}

function readLanes({ lanes }: LiveView, now: number): FlowState | null {
  if (lanes.length === 0) return null;
  const stalled = lanes.filter(({ state }) => state === "stalled");
  if (stalled.length > 0) {
    const { cause, lane } = stalled[0]!;
    const since = Math.min(...stalled.map((each) => each.since));
    const where = stalled.length === 1 ? lane : `${stalled.length} lanes`;
    return {
      tone: "bad",
      words: "Stalled",
      since,
      cause: `${where}: ${cause?.message ?? "Nothing was settled for a while."}`,
    };
  }
  const blocked = lanes.filter(({ cause }) => cause?.code === blockedCode);
  if (blocked.length > 0 && lanes.every((each) => each.state === "idle" || blocked.includes(each))) {
    const since = Math.min(...blocked.map((each) => each.since));
    return { tone: "warn", words: "Paused", since, cause: blocked[0]!.cause!.message };
  }
  if (!lanes.every(({ state }) => state === "idle")) return null;
  const since = Math.max(...lanes.map(({ since, lastProgressAt }) => lastProgressAt ?? since));
  if (lanes.every(({ ended }) => ended)) {
    return { tone: "idle", words: "Finished", since, cause: "Its sources have made all that they should." };
  }
  if (now - since < idleAfterMs) return null;
  const untold = lanes.some(({ lag }) => lag === null);
  return {
    tone: "ok",
    hollow: true,
    words: "Idle",
    since,
    cause: untold ? "Nothing comes." : "Nothing waits at its sources.",
  };
}

/** Messages that wait at the sources of a flow, as far as the brokers tell; `null` where none does. */
export function lagOfFlow(live: LiveView | undefined): number | null {
  if (!live || live.desired === "stopped") return null;
  const known = live.lanes.flatMap(({ lag }) => (lag === null ? [] : [lag]));
  return known.length === 0 ? null : known.reduce((sum, lag) => sum + lag, 0);
}
