import type { LaneState } from "../flow/control";
import type { Cause } from "../flow/verdict";

/** A lane that has work and has settled nothing for so long stands still, unless there is a reason that is known. */
export const stalledAfterMs = 10_000;

/** Where the oldest messages of a lane are. */
export interface Station {
  readonly node: string;
  /** How long they have been there. */
  readonly forMs: number;
  /** How long the node has finished nothing, of any lane; `undefined` when it never did. */
  readonly quietMs: number | undefined;
  /** Why they are tried again, or held. */
  readonly hold?: Cause;
  /** The node keeps to a number of calls a second, and its next one is not due. */
  readonly keepsPace: boolean;
}

/** What is known of a lane at a moment. */
export interface LaneFacts {
  readonly lag: number | null;
  readonly inFlight: number;
  readonly full: boolean;
  /** How long nothing was settled, although there is work, or may be. */
  readonly stillMs: number;
  /** Why its source cannot reach its broker, and for how long. */
  readonly away?: { readonly cause: Cause; readonly forMs: number };
  /** A call to the broker that is not answered, in words that begin a sentence. */
  readonly call?: { readonly what: string; readonly forMs: number };
  readonly station?: Station;
}

export interface LaneVerdict {
  readonly state: LaneState;
  readonly cause?: Cause;
}

/** Tells whether a lane has nothing to do, goes on, or stands still, and what it waits for. */
export function decideLaneState(facts: LaneFacts): LaneVerdict {
  const { away, call, station, inFlight, stillMs, full } = facts;
  if (away)
    return { state: Math.max(away.forMs, stillMs) < stalledAfterMs ? "retrying" : "stalled", cause: away.cause };
  const unanswered = call !== undefined && call.forMs >= stalledAfterMs ? call : undefined;
  if (inFlight === 0 && (facts.lag ?? 0) === 0) {
    return unanswered
      ? stall(`${unanswered.what} has waited ${inSeconds(unanswered.forMs)} for an answer.`)
      : { state: "idle" };
  }
  if (inFlight > 0 && station?.hold) return { state: "retrying", cause: station.hold };
  const goesOn =
    stillMs < stalledAfterMs ||
    (station !== undefined && (station.keepsPace || (station.quietMs ?? Number.POSITIVE_INFINITY) < stalledAfterMs));
  if (goesOn) return full ? { state: "waiting", ...waitsFor(station) } : { state: "flowing" };
  return stall(`Nothing was settled for ${inSeconds(stillMs)}. ${explain(facts, unanswered)}`);
}

function explain({ inFlight, lag, station }: LaneFacts, unanswered: LaneFacts["call"]): string {
  if (inFlight > 0 && station)
    return `The oldest messages have waited ${inSeconds(station.forMs)} for an answer of \`${station.node}\`.`;
  if (unanswered) return `${unanswered.what} has waited ${inSeconds(unanswered.forMs)} for an answer.`;
  if (inFlight > 0) return "What was written waits to be committed.";
  return `${lag} messages wait at the broker and none was handed over: a transaction that did not end, or a pause there, may hold them back.`;
}

function waitsFor(station: Station | undefined): { cause?: Cause } {
  if (!station) return {};
  return { cause: { code: "lane-full", message: `Full: the source waits for \`${station.node}\`.` } };
}

function stall(message: string): LaneVerdict {
  return { state: "stalled", cause: { code: "lane-stalled", message } };
}

function inSeconds(ms: number): string {
  return `${Math.floor(ms / 1_000)} s`;
}
