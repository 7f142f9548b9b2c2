import type { FlowDocument } from "@/flow/document";
import type { SagaStateView, SagaVisitView } from "@/server/saga-views";
import { titleOf } from "../runs/run-titles";
import type { Tone } from "../ui/callout";
import { wordsOfSagaVisit } from "../ui/state-words";
import { attemptsOf, toneOfAttempt } from "./attempts";
import type { SagaPlace } from "./saga-place";

export interface TimeBar {
  place: SagaPlace;
  from: number;
  to: number;
  tone: Tone;
  /** `attempt`: something was asked of others; `wait`: nothing was, it waited; `open`: it goes on. */
  look: "attempt" | "wait";
  words: string;
}

/** A line of the time axis: a step has one for its action and one for its compensation. */
export interface TimeRow {
  node: string;
  side: "action" | "compensation" | null;
  title: string;
  bars: TimeBar[];
}

/** Rows in the order in which the saga came to its nodes; only what took time or was tried has one. */
export function rowsOfSaga(state: SagaStateView, document: FlowDocument, now: number): TimeRow[] {
  return state.visits.flatMap((visit): TimeRow[] => {
    const title = titleOf(document, visit.node);
    const rows = (["action", "compensation"] as const).map((side): TimeRow => {
      const attempts = attemptsOf(visit, side);
      const bars = attempts.map((attempt, index): TimeBar => {
        const to = attempt.endedAt ?? now;
        const words = `attempt ${attempt.number}${attempt.cause ? `: ${attempt.cause.message}` : ""}`;
        const tone = toneOfAttempt(attempt, index === attempts.length - 1, visit);
        return {
          place: { node: visit.node, side, attempt: index + 1 },
          from: attempt.at,
          to,
          tone,
          look: "attempt",
          words,
        };
      });
      return { node: visit.node, side, title, bars };
    });
    const tried = rows.filter(({ bars }) => bars.length > 0);
    if (tried.length > 0) return rows;
    const bar = barOfWait(visit, now);
    return bar ? [{ node: visit.node, side: null, title, bars: [bar] }] : [];
  });
}

function barOfWait(visit: SagaVisitView, now: number): TimeBar | null {
  const waits = visit.state === "waiting";
  const to = visit.endedAt ?? (waits ? now : visit.at);
  // A switch, a fork, an end: they take no time, and the list tells them.
  if (to <= visit.at) return null;
  const { tone, words } = wordsOfSagaVisit(visit.state);
  const awaited = visit.awaits ? `${words}: ${visit.awaits}` : words;
  return { place: { node: visit.node }, from: visit.at, to, tone, look: "wait", words: awaited };
}

/** A stretch of time and the part of the axis' width that it has, both from 0 to 1 of the whole. */
interface Stretch {
  from: number;
  to: number;
  left: number;
  width: number;
  /** Long and empty of attempts: drawn short, with a mark. */
  folded: boolean;
}

export interface TimeScale {
  from: number;
  to: number;
  /** Place of a moment on the axis, from 0 to 1. */
  at(time: number): number;
  /** Where the axis leaves time out. */
  folds: { left: number; width: number; ms: number }[];
}

/** So much of the axis a fold takes. */
const foldWidth = 0.06;

/**
 * The axis of a saga. Attempts take milliseconds, waits between them hours: a stretch without attempts that would take more than half of the axis
 * is folded, so that both can be seen.
 */
export function scaleTime(rows: readonly TimeRow[], from: number, to: number): TimeScale {
  const end = Math.max(to, from + 1);
  const busy = joinStretches(
    rows.flatMap(({ bars }) => bars.filter(({ look }) => look === "attempt").map((bar) => [bar.from, bar.to] as const)),
  );
  const edges = [from, ...busy.flat(), end];
  const parts: { from: number; to: number; empty: boolean }[] = [];
  for (let index = 0; index + 1 < edges.length; index++) {
    const [a, b] = [edges[index]!, edges[index + 1]!];
    if (b > a) parts.push({ from: a, to: b, empty: index % 2 === 0 });
  }
  const folded = new Set<(typeof parts)[number]>();
  let rest = end - from;
  // The longest first: once it is folded, the next may be seen beside what is left.
  for (const part of [...parts].sort((a, b) => b.to - b.from - (a.to - a.from))) {
    const length = part.to - part.from;
    if (!part.empty || busy.length === 0 || length < rest * 0.5 || rest - length <= 0) continue;
    folded.add(part);
    rest -= length;
  }
  const free = 1 - folded.size * foldWidth;
  let left = 0;
  const stretches = parts.map((part): Stretch => {
    const width = folded.has(part) ? foldWidth : ((part.to - part.from) / Math.max(rest, 1)) * free;
    const stretch = { from: part.from, to: part.to, left, width, folded: folded.has(part) };
    left += width;
    return stretch;
  });
  return {
    from,
    to: end,
    at(time) {
      const stretch = stretches.find((each) => time <= each.to) ?? stretches.at(-1);
      if (!stretch) return 0;
      const share = (time - stretch.from) / Math.max(stretch.to - stretch.from, 1e-9);
      return Math.min(1, Math.max(0, stretch.left + Math.min(1, Math.max(0, share)) * stretch.width));
    },
    folds: stretches.filter((each) => each.folded).map(({ left, width, from, to }) => ({ left, width, ms: to - from })),
  };
}

/** Overlapping stretches become one. */
function joinStretches(stretches: (readonly [number, number])[]): [number, number][] {
  const joined: [number, number][] = [];
  for (const [from, to] of stretches.sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, Math.max(to, from)]);
  }
  return joined;
}
