import type { FlowDocument } from "@/flow/document";
import type { SagaAttempt, SagaNote } from "@/flow/saga/state";
import type { Cause } from "@/flow/verdict";
import type { SagaStateView, SagaVisitView } from "@/server/saga-views";
import { titleOf } from "../runs/run-titles";
import type { Tone } from "../ui/callout";
import { formatPlural } from "../ui/formats";
import { wordsOfSagaVisit } from "../ui/state-words";
import { attemptsOf, toneOfAttempt } from "./attempts";
import type { SagaPlace } from "./saga-place";

/** One thing that happened to a saga. */
export interface SagaEntry {
  /** Stands in the address (`writePlace`). */
  place: SagaPlace;
  at: number;
  endedAt?: number;
  icon: "start" | "action" | "compensation" | "pass" | "wait" | "person" | "late" | "turn" | "end";
  tone: Tone;
  title: string;
  line: string;
}

/** What happened to a saga, in order: attempts of actions and compensations, waits, what persons did, what came too late, the turn, the end. */
export function tellSaga(state: SagaStateView, start: string, document: FlowDocument): SagaEntry[] {
  const name = (node: string) => titleOf(document, node);
  const entries: SagaEntry[] = [
    { place: { node: start }, at: state.startedAt, icon: "start", tone: "ok", title: "Started", line: state.key },
    ...state.visits.flatMap((visit) => tellVisit(visit, name(visit.node))),
    ...state.notes.map((note, index) => tellNote(note, index, name, start)),
    ...tellTurn(state, name, start),
  ];
  if (state.endedAt !== undefined) {
    const back = state.outcome === "compensated";
    entries.push({
      place: { node: back ? start : (state.leaves ?? start) },
      at: state.endedAt,
      icon: "end",
      tone: back ? "undo" : "ok",
      title: back ? "Compensated" : "Completed",
      line: back ? describeUndone(state) : `at ${name(state.leaves ?? start)}`,
    });
  }
  // Of one moment: what a person did, what went forward from it, the turn, what went back. Sorting keeps the order of what is alike.
  return entries.sort((a, b) => a.at - b.at || rankOf(a) - rankOf(b));
}

function rankOf({ icon }: SagaEntry): number {
  if (icon === "end") return 3;
  if (icon === "person") return -1;
  return icon === "compensation" ? 2 : icon === "turn" ? 1 : 0;
}

function tellVisit(visit: SagaVisitView, title: string): SagaEntry[] {
  const { node, state } = visit;
  const tries = tellAttempts(visit, title);
  if (tries.length > 0) return tries;
  const { tone, words } = wordsOfSagaVisit(state, visit.asks !== undefined);
  const timed = visit.endedAt === undefined ? {} : { endedAt: visit.endedAt };
  const waited = state === "waiting" || visit.awaits !== undefined || (visit.endedAt ?? visit.at) > visit.at;
  const line =
    state === "done"
      ? visit.port && visit.port !== "out"
        ? `left by ${visit.port}`
        : waited
          ? "came"
          : "passed on"
      : state === "waiting" && visit.awaits
        ? `waits for ${visit.awaits}`
        : (visit.cause?.message ?? words.toLowerCase());
  return [{ place: { node }, at: visit.at, ...timed, icon: waited ? "wait" : "pass", tone, title, line }];
}

function tellAttempts(visit: SagaVisitView, title: string): SagaEntry[] {
  return (["action", "compensation"] as const).flatMap((side) => {
    const attempts = attemptsOf(visit, side);
    return attempts.map((attempt, index): SagaEntry => {
      const { number, at, endedAt } = attempt;
      const many = attempts.length > 1 || number > 1;
      return {
        place: { node: visit.node, side, attempt: index + 1 },
        at,
        ...(endedAt === undefined ? {} : { endedAt }),
        icon: side,
        tone: toneOfAttempt(attempt, index === attempts.length - 1, visit),
        title: side === "action" ? title : `Undo ${title}`,
        line: `${many ? `attempt ${number} · ` : ""}${describeAttempt(attempt)}`,
      };
    });
  });
}

function describeAttempt({ cause, endedAt }: SagaAttempt): string {
  if (cause) return shortenCause(cause);
  return endedAt === undefined ? "under way" : "done";
}

/** In a line of a list: of an answer its status, of other failures the words without the address; the rest stands with the attempt. */
function shortenCause({ code, message }: Cause): string {
  const status = code === "http-status" ? /\b[1-5]\d\d\b/.exec(message) : null;
  return status ? `answered ${status[0]}` : message.replace(/^https?:\/\/\S+ /, "");
}

const deeds: Readonly<Record<string, string>> = {
  retry: "Retried",
  skip: "Skipped",
  complete: "Given a result",
  approve: "Approved",
  reject: "Rejected",
  cancel: "Cancelled",
  "late-answer": "Answer came too late",
  "second-answer": "Second answer",
  "no-compensation": "Has no compensation",
  undo: "Undone by the saga above it",
};

/** What a person did, or what came by itself: `Skipped Charge card`, `Answer came too late: Charge card`. */
export function describeNote({ what, node }: SagaNote, name: (node: string) => string): string {
  const words = wordsOfDeed(what);
  return node ? `${words}: ${name(node)}` : words;
}

const wordsOfDeed = (what: string) => deeds[what] ?? what.charAt(0).toUpperCase() + what.slice(1).replaceAll("-", " ");

function tellNote(note: SagaNote, index: number, name: (node: string) => string, start: string): SagaEntry {
  const { node, by, words, times } = note;
  return {
    place: { node: node ?? start, note: index },
    at: note.at,
    icon: by ? "person" : "late",
    tone: by ? "accent" : "idle",
    title: wordsOfDeed(note.what),
    line: [node && name(node), by && `by ${by}`, words, times && `${times} times`].filter(Boolean).join(" · "),
  };
}

/** Where a saga turned back. Its time is the failure's; a cancellation stands there as the note of who did it. */
function tellTurn({ reason, visits }: SagaStateView, name: (node: string) => string, start: string): SagaEntry[] {
  if (!reason || reason.by !== undefined) return [];
  const failed = visits.find(({ node }) => node === reason.node);
  const at = failed?.endedAt ?? failed?.attempts.filter(({ side }) => side === "action").at(-1)?.endedAt;
  if (at === undefined) return [];
  return [
    {
      place: { node: reason.node ?? start },
      at,
      icon: "turn",
      tone: "undo",
      title: "Turned back",
      line: reason.node ? `after ${name(reason.node)} failed` : reason.message,
    },
  ];
}

function describeUndone({ visits }: SagaStateView): string {
  const count = visits.filter(({ undo }) => undo?.state === "done").length;
  return count === 0 ? "nothing had to be undone" : `${formatPlural(count, "step")} undone`;
}

/** Why a saga goes, or went, back; null while it never turned. */
export function describeReason({ reason }: SagaStateView, name: (node: string) => string): string | null {
  if (!reason) return null;
  if (reason.by !== undefined) return `Cancelled by ${reason.by}: ${reason.message}`;
  return reason.node ? `${name(reason.node)} failed: ${reason.message}` : reason.message;
}
