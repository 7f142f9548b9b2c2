import type { SagaSide } from "@/flow/saga/state";
import type { SagaStateView, SagaVisitView } from "@/server/saga-views";
import { attemptsOf } from "./attempts";

/** What is looked at on a saga's page: a node, one of its sides, one attempt, or a note. */
export interface SagaPlace {
  node: string;
  side?: SagaSide;
  /** Which of those that are kept of this side, from 1: numbers of attempts begin anew when a person tries again. */
  attempt?: number;
  /** Which note, from 0. */
  note?: number;
}

/** In the address: `charge`, `charge.do.2`, `charge.undo.1`, `charge.note.3`. Ids of nodes have no dot. */
export function writePlace({ node, side, attempt, note }: SagaPlace): string {
  if (note !== undefined) return `${node}.note.${note}`;
  if (side === undefined) return node;
  return [node, side === "action" ? "do" : "undo", ...(attempt === undefined ? [] : [attempt])].join(".");
}

/** Reads a place of an address; null for none, or one that is none. */
export function readPlace(text: string | null): SagaPlace | null {
  const match = /^([a-z0-9-]+)(?:\.(do|undo|note)(?:\.(\d{1,6}))?)?$/.exec(text ?? "");
  if (!match) return null;
  const [, node = "", word, digits] = match;
  const number = digits === undefined ? undefined : Number(digits);
  if (word === undefined) return { node };
  if (word === "note") return number === undefined ? { node } : { node, note: number };
  return {
    node,
    side: word === "do" ? "action" : "compensation",
    ...(number === undefined ? {} : { attempt: number }),
  };
}

/** What a page shows first: where a person is asked, else what failed, else where it came last. */
export function placeToShow(state: SagaStateView, start: string): SagaPlace {
  const { visits, reason, phase } = state;
  const stuckBack = visits.find(({ undo }) => undo?.state === "stuck");
  if (stuckBack) return { node: stuckBack.node, side: "compensation" };
  const shown =
    visits.find((visit) => visit.state === "stuck") ??
    (phase === "forward" ? undefined : visits.find(({ node }) => node === reason?.node)) ??
    visits.at(-1);
  return { node: shown?.node ?? start };
}

/** Fills in what a place leaves open: the side that was worked at last, and its last attempt. */
export function settlePlace(place: SagaPlace, { visits }: Pick<SagaStateView, "visits">): SagaPlace {
  const visit = visits.find(({ node }) => node === place.node);
  if (!visit || place.note !== undefined) return place;
  const side = place.side ?? lastSide(visit);
  if (!side) return place;
  const count = attemptsOf(visit, side).length;
  if (count === 0) return { node: place.node, side };
  return { node: place.node, side, attempt: Math.min(Math.max(place.attempt ?? count, 1), count) };
}

function lastSide(visit: SagaVisitView): SagaSide | undefined {
  if (visit.undo && visit.undo.state !== "passed") return "compensation";
  return attemptsOf(visit, "action").length > 0 ? "action" : undefined;
}
