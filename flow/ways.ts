import { type Graph, sortTopologically } from "./graph";
import type { DeliveryLevel, OrderScope } from "./guarantee";
import type { Member } from "./members";
import { beginStanding, meet, type Passage, pass, type Standing } from "./standing";

/** Everything that one source leads to, folded once. */
export interface Walk {
  readonly source: Member;
  readonly passages: ReadonlyMap<string, Passage>;
}

/** A source and an end that it leads to, with the weakest of what holds on the ways between them. */
export interface Way {
  readonly walk: Walk;
  readonly end: string;
  readonly delivery: DeliveryLevel;
  readonly scope: OrderScope;
  readonly by: string;
  readonly windowMs?: number;
}

/** Folds the drawing from one source on: each wire is looked at once, however many ways there are. Circles are left out. */
export function walkFrom(graph: Graph, members: ReadonlyMap<string, Member>, source: Member, exact: boolean): Way[] {
  const standings = new Map<string, Standing>();
  const passages = new Map<string, Passage>();
  const ways: Way[] = [];
  const walk: Walk = { source, passages };
  for (const id of sortTopologically(graph)) {
    const before = id === source.node ? beginStanding(source) : standings.get(id);
    if (!before) continue;
    const member = members.get(id);
    const passage =
      member && member !== source
        ? pass(before, member, source)
        : { at: before, after: before, through: [], ending: [] };
    passages.set(id, passage);
    const leaving = graph.leaving.get(id)!;
    for (const { to } of leaving) {
      const other = standings.get(to.node);
      standings.set(to.node, other ? meet(other, passage.after) : passage.after);
    }
    const goesOn = leaving.some((wire) => wire.from.port !== "error");
    if (member?.role === "sink" || !goesOn) ways.push(endWay(walk, id, passage.at, exact));
  }
  return ways;
}

function endWay(walk: Walk, end: string, at: Standing, exact: boolean): Way {
  const lossy = walk.source.semantics.source?.delivery === "at-most-once";
  const delivery = lossy
    ? "at-most-once"
    : exact
      ? "exactly-once"
      : at.repeats === "recognised"
        ? "effectively-once"
        : "at-least-once";
  const window = at.windowMs === undefined ? {} : { windowMs: at.windowMs };
  return { walk, end, delivery, scope: at.scope, by: at.by, ...window };
}
