import { type Graph, sortTopologically, type Wire } from "./graph";
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

/** Folds the drawing once for each source: each wire is looked at once, however many ways there are. Circles are left out. */
export function walkGraph(graph: Graph, members: ReadonlyMap<string, Member>, exact: boolean): Way[] {
  const sorted = sortTopologically(graph).map((id) => ({ id, leaving: graph.leaving.get(id)! }));
  const sources = [...members.values()].filter((member) => member.role === "source");
  const passOnce = rememberPassages();
  const begun = new Map<string, Standing>();
  return sources.flatMap((source) => {
    // Sources that begin alike share their standing, and with it what each node makes of it.
    const standing = beginStanding(source);
    const key = JSON.stringify(standing);
    const start = begun.get(key) ?? standing;
    begun.set(key, start);
    return walkFrom(sorted, members, { source, start, exact, passOnce });
  });
}

type Pass = typeof pass;

/** As `pass`, but a node looks at the same standing only once, where the source makes no difference. */
function rememberPassages(): Pass {
  const known = new Map<Member, WeakMap<Standing, Passage>>();
  return (before, member, source) => {
    if (source.semantics.source?.resends !== undefined) return pass(before, member, source);
    const ofMember = known.get(member) ?? new WeakMap<Standing, Passage>();
    known.set(member, ofMember);
    const passage = ofMember.get(before) ?? pass(before, member, source);
    ofMember.set(before, passage);
    return passage;
  };
}

interface Start {
  readonly source: Member;
  readonly start: Standing;
  readonly exact: boolean;
  readonly passOnce: Pass;
}

interface Place {
  readonly id: string;
  readonly leaving: readonly Wire[];
}

function walkFrom(
  sorted: readonly Place[],
  members: ReadonlyMap<string, Member>,
  { source, start, exact, passOnce }: Start,
): Way[] {
  const standings = new Map<string, Standing>();
  const passages = new Map<string, Passage>();
  const ways: Way[] = [];
  const walk: Walk = { source, passages };
  for (const { id, leaving } of sorted) {
    const before = id === source.node ? start : standings.get(id);
    if (!before) continue;
    const member = members.get(id);
    const passage =
      member && member !== source
        ? passOnce(before, member, source)
        : { at: before, after: before, through: [], ending: [] };
    passages.set(id, passage);
    for (const { to } of leaving) {
      const other = standings.get(to.node);
      standings.set(to.node, other && other !== passage.after ? meet(other, passage.after) : passage.after);
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
