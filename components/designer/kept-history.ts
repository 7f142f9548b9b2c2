import type { FlowDocument } from "@/flow/document";
import { isSame } from "@/flow/same";
import type { History } from "./history";

/** What a tab keeps of its work on a flow: its steps, and what of it the server had. */
export interface KeptWork {
  history: History<FlowDocument>;
  savedDocument: FlowDocument;
  revision: number;
}

/** At most so many steps back, and as many forth, in so many characters: the oldest go first. */
export const keptSteps = 100;
const maxCharacters = 2_000_000;
const version = 1;
const lists = ["nodes", "edges", "notes", "groups", "tests"] as const;

/** A run of things that stand one after the other in the pool: where it begins, how many. */
type Run = [from: number, count: number];
interface PackedState {
  rest: number;
  lists: Partial<Record<(typeof lists)[number], Run[]>>;
}
interface Packed {
  version: number;
  revision: number;
  pool: unknown[];
  past: PackedState[];
  present: PackedState;
  future: PackedState[];
  saved: PackedState;
}

/**
 * Work as text. States of one history share most of their nodes, so each thing is written once and states point at it.
 * `null` when even the drawing alone is too long to be kept.
 */
export function packWork(work: KeptWork): string | null {
  for (let steps = keptSteps; ; steps = Math.floor(steps / 2)) {
    const text = packSteps(work, steps);
    if (text.length <= maxCharacters) return text;
    if (steps === 0) return null;
  }
}

function packSteps({ history, savedDocument, revision }: KeptWork, steps: number): string {
  const pool: unknown[] = [];
  const places = new Map<unknown, number>();
  const put = (thing: unknown): number => {
    let place = places.get(thing);
    if (place === undefined) {
      place = pool.push(thing) - 1;
      places.set(thing, place);
    }
    return place;
  };
  const rests = new Map<string, unknown>();
  const pack = (document: FlowDocument): PackedState => {
    const { nodes: _1, edges: _2, notes: _3, groups: _4, tests: _5, ...rest } = document;
    // The fields of the flow itself are no object of their own: the same text is the same thing.
    const text = JSON.stringify(rest);
    if (!rests.has(text)) rests.set(text, rest);
    const packed: PackedState = { rest: put(rests.get(text)), lists: {} };
    for (const list of lists) {
      const things = document[list];
      if (!things) continue;
      const runs: Run[] = [];
      for (const thing of things) {
        const place = put(thing);
        const last = runs.at(-1);
        if (last && last[0] + last[1] === place) last[1]++;
        else runs.push([place, 1]);
      }
      packed.lists[list] = runs;
    }
    return packed;
  };
  const packed: Packed = {
    version,
    revision,
    // In the order of the drawing, so that runs are long.
    present: pack(history.present),
    past: steps === 0 ? [] : history.past.slice(-steps).map(pack),
    future: history.future.slice(0, steps).map(pack),
    saved: pack(savedDocument),
    pool,
  };
  return JSON.stringify(packed);
}

/** Text as the work it was; `null` when it is something else. States that were the same object are one again. */
export function unpackWork(text: string): KeptWork | null {
  try {
    const packed = JSON.parse(text) as Packed;
    if (packed.version !== version) return null;
    const known = new Map<string, FlowDocument>();
    const unpack = (state: PackedState): FlowDocument => {
      const key = JSON.stringify(state);
      let document = known.get(key);
      if (!document) {
        const parts = Object.entries(state.lists).map(([list, runs]) => [
          list,
          runs.flatMap(([from, count]) => packed.pool.slice(from, from + count)),
        ]);
        document = { ...(packed.pool[state.rest] as object), ...Object.fromEntries(parts) } as FlowDocument;
        known.set(key, document);
      }
      return document;
    };
    const [past, future] = [packed.past.map(unpack), packed.future.map(unpack)];
    const history = { past, present: unpack(packed.present), future, group: null, at: 0 };
    return { history, savedDocument: unpack(packed.saved), revision: packed.revision };
  } catch {
    return null;
  }
}

/**
 * Does kept work belong to the draft that the server has? It does when it is what was saved last, or what others made of it since; a
 * flow that was made anew under the name shares its name only.
 */
export function belongsTo(work: KeptWork, draft: { document: FlowDocument; revision: number }): boolean {
  if (draft.revision < work.revision) return false;
  if (draft.revision === work.revision) return isSame(work.savedDocument, draft.document);
  const now = new Set(draft.document.nodes.map((node) => node.id));
  const { nodes } = work.savedDocument;
  return nodes.filter((node) => now.has(node.id)).length * 2 >= nodes.length;
}
