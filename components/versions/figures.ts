import type { VersionFigures } from "@/server/views";
import { formatDuration, formatRate } from "../ui/formats";

/** How a figure of the later version stands to that of the earlier: its sign and by how much, and whether that is good. */
export interface Mark {
  readonly sign: "▲" | "▼";
  readonly words: string;
  readonly tone: "ok" | "bad" | "idle";
}

/** A figure of both versions, as text; `null`: it was not measured, or did not run. */
export interface FigurePair {
  readonly label: string;
  readonly earlier: string | null;
  readonly later: string | null;
  readonly mark: Mark | null;
}

/** So much must a rate or a latency change to be marked; a latency by so many milliseconds, too. */
const markedShare = 0.2;
const markedMs = 1;
/** So much must the share of what failed change. */
const markedFailures = 0.001;

/** The figures of a node in two versions, what differs marked. */
export function compareFigures(earlier: VersionFigures | undefined, later: VersionFigures | undefined): FigurePair[] {
  const pair = (label: string, read: (of: VersionFigures) => string | null, mark: Mark | null): FigurePair => ({
    label,
    earlier: earlier ? read(earlier) : null,
    later: later ? read(later) : null,
    mark: earlier && later ? mark : null,
  });
  return [
    pair("rate", ({ perSecond }) => formatRate(perSecond), markRate(earlier?.perSecond, later?.perSecond)),
    pair("p50", ({ p50Ms }) => writeMs(p50Ms), markLatency(earlier?.p50Ms, later?.p50Ms)),
    pair("p95", ({ p95Ms }) => writeMs(p95Ms), markLatency(earlier?.p95Ms, later?.p95Ms)),
    pair("failed", (of) => formatShare(of.failed, of.messages), markFailed(earlier, later)),
  ];
}

/** Of a node that worked in both, in words: what got worse, else what got better. */
export function judge(pairs: readonly FigurePair[]): { tone: Mark["tone"]; word: string } {
  const namesOf = (tone: Mark["tone"]) =>
    new Set(pairs.flatMap(({ label, mark }) => (mark?.tone === tone ? label : [])));
  const [worse, better] = [namesOf("bad"), namesOf("ok")];
  if (worse.size > 0) return { tone: "bad", word: writeChanges(worse, "fails more", "slower") };
  if (better.size > 0) return { tone: "ok", word: writeChanges(better, "fails less", "faster") };
  return { tone: "idle", word: "about the same" };
}

function writeChanges(labels: ReadonlySet<string>, failures: string, latency: string): string {
  const other = labels.size > (labels.has("failed") ? 1 : 0);
  return [labels.has("failed") ? failures : [], other ? latency : []].flat().join(", ");
}

/** `0.3 %` of tries. */
export function formatShare(part: number, whole: number): string {
  if (part === 0 || whole === 0) return "0 %";
  const percent = (part / whole) * 100;
  return percent < 0.1 ? "< 0.1 %" : `${percent.toFixed(1)} %`;
}

const writeMs = (ms: number | null) => (ms === null ? null : formatDuration(ms));

type Figure = number | null | undefined;

/** More or fewer messages are neither good nor bad: they come from outside. */
function markRate(earlier: Figure, later: Figure): Mark | null {
  return markChange(earlier, later, "idle", "idle");
}

function markLatency(earlier: Figure, later: Figure): Mark | null {
  if (Math.abs((earlier ?? 0) - (later ?? 0)) < markedMs) return null;
  return markChange(earlier, later, "bad", "ok");
}

function markChange(earlier: Figure, later: Figure, more: Mark["tone"], less: Mark["tone"]): Mark | null {
  if (!earlier || later === null || later === undefined) return null;
  const share = later / earlier - 1;
  if (Math.abs(share) < markedShare) return null;
  const words =
    share > 9 ? `${Math.round(share + 1)}×` : `${share > 0 ? "+" : "−"}${Math.round(Math.abs(share) * 100)} %`;
  return share > 0 ? { sign: "▲", words, tone: more } : { sign: "▼", words, tone: less };
}

function markFailed(earlier: VersionFigures | undefined, later: VersionFigures | undefined): Mark | null {
  if (!earlier?.messages || !later?.messages) return null;
  const points = later.failed / later.messages - earlier.failed / earlier.messages;
  if (Math.abs(points) < markedFailures) return null;
  const words = `${points > 0 ? "+" : "−"}${(Math.abs(points) * 100).toFixed(1)} points`;
  return points > 0 ? { sign: "▲", words, tone: "bad" } : { sign: "▼", words, tone: "ok" };
}
