import type { SagaSide } from "@/flow/saga/state";

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

export function isSamePlace(a: SagaPlace, b: SagaPlace): boolean {
  return writePlace(a) === writePlace(b);
}
