import type { FlowDocument, FlowEdge } from "./document";
import { nameEdge, parseEndpoint } from "./graph";
import { type RenamedIds, renameIds } from "./rename-ids";
import { isSame } from "./same";

export type Side = "mine" | "theirs";

/** What both changed, each to something else. */
export interface Collision {
  /** Names it among the collisions of one merge: `nodes/filter/config.when`. */
  readonly id: string;
  /** The list that it is in, and which of it; absent for a field of the flow itself. */
  readonly of?: { readonly list: ListName; readonly id: string };
  /** `config.when`; empty: the whole, which one removed and the other changed. */
  readonly field: string;
  /** `undefined` where it is absent. */
  readonly base: unknown;
  readonly mine: unknown;
  readonly theirs: unknown;
}

export type ListName = "nodes" | "notes" | "groups" | "tests";

export interface Merge {
  /** Both sides' edits in one; where they collide, what `prefer` says. The same object as `mine` when theirs changed nothing. */
  readonly document: FlowDocument;
  readonly collisions: readonly Collision[];
  /** Both added something under one id: mine has another one now. */
  readonly renamed: RenamedIds;
}

type Item = Record<string, unknown>;
type Prefer = Side | ((collision: string) => Side);

/**
 * Merges two drawings that began as the same one: by node, wire, note, group, case, and below them by field. What one side alone changed
 * is taken, whoever it was, and then the result is the same in either order. What both changed to different things is a collision:
 * `prefer` decides it (for all of them, or by id), and both values are given. Places collide without a word: the preferred one stays.
 *
 * @param base What both began with.
 */
export function mergeFlows(
  base: FlowDocument,
  mine: FlowDocument,
  theirs: FlowDocument,
  prefer: Prefer = "mine",
): Merge {
  const renamed = findRenamed(base, mine, theirs);
  return { ...new Merger(base, renameIds(mine, renamed), theirs, prefer).merge(), renamed };
}

class Merger {
  readonly #collisions: Collision[] = [];
  readonly #base: FlowDocument;
  readonly #mine: FlowDocument;
  readonly #theirs: FlowDocument;
  readonly #prefer: (collision: string) => Side;

  constructor(base: FlowDocument, mine: FlowDocument, theirs: FlowDocument, prefer: Prefer) {
    this.#base = base;
    this.#mine = mine;
    this.#theirs = theirs;
    this.#prefer = typeof prefer === "function" ? prefer : () => prefer;
  }

  merge(): { document: FlowDocument; collisions: Collision[] } {
    const [base, mine, theirs] = [this.#base, this.#mine, this.#theirs];
    const lists: Record<string, unknown> = { nodes: this.#mergeList("nodes") };
    for (const list of ["notes", "tests"] as const) lists[list] = this.#mergeList(list);
    lists.groups = this.#leaveOneGroup(this.#mergeList("groups"));
    lists.edges = this.#mergeEdges(lists.nodes as FlowDocument["nodes"]);
    const rest = this.#mergeFields(fieldsOf(base), fieldsOf(mine), fieldsOf(theirs), "", undefined);
    const whole: Item = { ...rest, ...lists };
    for (const [name, value] of Object.entries(whole)) {
      if (value === undefined || (isOptional(name) && isEmpty(value) && (mine as Item)[name] === undefined))
        delete whole[name];
    }
    const names = new Set([...Object.keys(whole), ...Object.keys(mine)]);
    const same = [...names].every((name) => whole[name] === (mine as Item)[name]);
    return { document: same ? mine : (whole as FlowDocument), collisions: this.#collisions };
  }

  #mergeList(list: ListName): Item[] {
    const read = (document: FlowDocument) => (document[list] ?? []) as unknown as Item[];
    const [base, mine, theirs] = [this.#base, this.#mine, this.#theirs].map((each) => indexBy(list, read(each)));
    const merged: Item[] = [];
    for (const id of orderOf([...base!.keys()], [...mine!.keys()], [...theirs!.keys()])) {
      const item = this.#mergeItem(list, id, base!.get(id), mine!.get(id), theirs!.get(id));
      if (item) merged.push(item);
    }
    return keepIdentity(read(this.#mine), merged);
  }

  #mergeItem(list: ListName, id: string, base?: Item, mine?: Item, theirs?: Item): Item | undefined {
    if (mine && theirs) {
      if (mine === theirs || isSame(mine, theirs)) return mine;
      const of = { list, id };
      if (list !== "nodes" || !base || (mine.kind === base.kind && theirs.kind === base.kind)) {
        return this.#mergeFields(base ?? {}, mine, theirs, "", of);
      }
      // Settings belong to their kind: once that is another one they are decided on as a whole.
      const parts = [base, mine, theirs].map(splitKind) as [Split, Split, Split];
      const kind = this.#mergeValue(parts[0].kind, parts[1].kind, parts[2].kind, "kind", of, true) as Item;
      return { ...this.#mergeFields(parts[0].rest, parts[1].rest, parts[2].rest, "", of), ...kind };
    }
    if (!base) return mine ?? theirs;
    const [kept, by] = mine ? ([mine, "mine"] as const) : ([theirs, "theirs"] as const);
    if (!kept) return undefined;
    const isTouched =
      !isSame(withoutPlace(base), withoutPlace(kept)) || (list === "nodes" && this.#hasNewWires(by, id));
    if (!isTouched) return undefined;
    const side = this.#collide({ list, id }, "", base, mine, theirs);
    return side === by ? kept : undefined;
  }

  #mergeFields(base: Item, mine: Item, theirs: Item, path: string, of: Collision["of"]): Item {
    const merged: Item = {};
    for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
      const field = path === "" ? name : `${path}.${name}`;
      const value = this.#mergeValue(base[name], mine[name], theirs[name], field, of);
      if (value !== undefined) merged[name] = value;
    }
    const same = Object.keys(merged).length === Object.keys(mine).length;
    return same && Object.entries(merged).every(([name, value]) => mine[name] === value) ? mine : merged;
  }

  #mergeValue(
    base: unknown,
    mine: unknown,
    theirs: unknown,
    field: string,
    of: Collision["of"],
    whole = false,
  ): unknown {
    if (isSame(mine, theirs) || isSame(base, theirs)) return mine;
    if (isSame(base, mine)) return theirs;
    if (of?.list === "groups" && field === "nodes") return mergeSets(base, mine, theirs);
    if (!whole && field !== "position") {
      if (isMap(mine) && isMap(theirs)) return this.#mergeFields(isMap(base) ? base : {}, mine, theirs, field, of);
      if (Array.isArray(base) && Array.isArray(mine) && Array.isArray(theirs)) {
        // Lists of one length are the same list with changed entries; else nobody can say which entry is which.
        if (base.length === mine.length && base.length === theirs.length) {
          return mine.map((each, at) => this.#mergeValue(base[at], each, theirs[at], `${field}.${at}`, of));
        }
      }
    }
    return this.#collide(of, field, base, mine, theirs) === "mine" ? mine : theirs;
  }

  #collide(of: Collision["of"], field: string, base: unknown, mine: unknown, theirs: unknown): Side {
    const id = of ? `${of.list}/${of.id}/${field}` : `flow//${field}`;
    if (field !== "position") this.#collisions.push({ id, ...(of ? { of } : {}), field, base, mine, theirs });
    return this.#prefer(id);
  }

  #hasNewWires(side: Side, node: string): boolean {
    const old = new Set(this.#base.edges.map(nameEdge));
    const { edges } = side === "mine" ? this.#mine : this.#theirs;
    return edges.some((edge) => endsOf(edge).includes(node) && !old.has(nameEdge(edge)));
  }

  #mergeEdges(nodes: readonly { id: string }[]): FlowEdge[] {
    const there = new Set(nodes.map((node) => node.id));
    const [base, mine, theirs] = [this.#base, this.#mine, this.#theirs];
    const removed = [mine, theirs].map((side) => {
      const ids = new Set(side.nodes.map((node) => node.id));
      return { ids, had: new Set(side.edges.map(nameEdge)) };
    });
    const known = new Set([base, mine, theirs].flatMap((side) => side.nodes.map((node) => node.id)));
    const all = new Map([...base.edges, ...mine.edges, ...theirs.edges].map((edge) => [nameEdge(edge), edge]));
    const old = new Set(base.edges.map(nameEdge));
    const order = orderOf([...old], mine.edges.map(nameEdge), theirs.edges.map(nameEdge));
    const merged = order.flatMap((name) => {
      const edge = all.get(name)!;
      const ends = endsOf(edge);
      // A wire of which nobody ever drew an end is a mistake in the file, and no business of a merge.
      if (ends.some((end) => known.has(end) && !there.has(end))) return [];
      if (!old.has(name)) return [edge];
      const isGone = removed.some(
        // Who removed the node that the other kept did not mean the wire.
        ({ ids, had }) => !had.has(name) && !ends.some((end) => !ids.has(end) && there.has(end)),
      );
      return isGone ? [] : [edge];
    });
    const own = new Map(mine.edges.map((edge) => [nameEdge(edge), edge]));
    return keepIdentity(
      mine.edges,
      merged.map((edge) => own.get(nameEdge(edge)) ?? edge),
    );
  }

  /** Each put a node into another group: the preferred side's stays. */
  #leaveOneGroup(groups: Item[]): Item[] {
    const holders = new Map<unknown, Item[]>();
    for (const group of groups)
      for (const node of group.nodes as string[]) holders.set(node, [...(holders.get(node) ?? []), group]);
    const twice = [...holders].filter(([, all]) => all.length > 1);
    if (twice.length === 0) return groups;
    let next = groups;
    for (const [node] of twice) {
      const side = this.#prefer(`nodes/${node}/group`) === "mine" ? this.#mine : this.#theirs;
      const keep = side.groups?.find((group) => group.nodes.includes(node as string))?.id;
      next = next.map((group) =>
        group.id === keep ? group : { ...group, nodes: (group.nodes as string[]).filter((each) => each !== node) },
      );
    }
    return next;
  }
}

/** Both added something of one id, and it is not the same: mine gets the next free one. */
function findRenamed(base: FlowDocument, mine: FlowDocument, theirs: FlowDocument): RenamedIds {
  const renamed: { nodes: Map<string, string>; notes: Map<string, string>; groups: Map<string, string> } = {
    nodes: new Map(),
    notes: new Map(),
    groups: new Map(),
  };
  for (const list of ["nodes", "notes", "groups"] as const) {
    const read = (document: FlowDocument) => (document[list] ?? []) as readonly { id: string }[];
    const taken = new Set([...read(base), ...read(mine), ...read(theirs)].map((item) => item.id));
    const old = new Set(read(base).map((item) => item.id));
    const added = new Map(read(theirs).map((item) => [item.id, item]));
    for (const item of read(mine)) {
      const other = added.get(item.id);
      if (old.has(item.id) || !other || isSame(item, other)) continue;
      let number = 2;
      while (taken.has(`${item.id}-${number}`)) number++;
      renamed[list].set(item.id, `${item.id}-${number}`);
      taken.add(`${item.id}-${number}`);
    }
  }
  return renamed;
}

/** The order of whoever changed it; when both did, that of the base with what is new by name, so that it is one order on either side. */
function orderOf(base: string[], mine: string[], theirs: string[]): string[] {
  const mineSet = new Set(mine);
  const theirSet = new Set(theirs);
  const old = new Set(base);
  const isKept = (side: string[], sideSet: Set<string>) => {
    const kept = base.filter((id) => sideSet.has(id));
    return side.length === kept.length && side.every((id, at) => kept[at] === id);
  };
  if (isKept(theirs, theirSet)) return [...mine, ...base.filter((id) => !mineSet.has(id))];
  if (isKept(mine, mineSet)) return [...theirs, ...base.filter((id) => !theirSet.has(id))];
  const added = [...new Set([...mine, ...theirs])].filter((id) => !old.has(id));
  const sameAdded = isSame(
    mine.filter((id) => !old.has(id)),
    theirs.filter((id) => !old.has(id)),
  );
  return [...base, ...(sameAdded ? added : added.sort())];
}

function mergeSets(base: unknown, mine: unknown, theirs: unknown): unknown[] {
  const [old, one, other] = [base, mine, theirs].map((list) => new Set(Array.isArray(list) ? list : []));
  const all = [...new Set([...old!, ...[...one!, ...other!].sort()])];
  return all.filter((each) => (old!.has(each) ? one!.has(each) && other!.has(each) : true));
}

interface Split {
  kind: Item;
  rest: Item;
}
function splitKind({ kind, version, config, ...rest }: Item): Split {
  return { kind: { kind, ...(version === undefined ? {} : { version }), config }, rest };
}

const fieldsOf = ({ nodes: _1, edges: _2, notes: _3, groups: _4, tests: _5, ...rest }: FlowDocument): Item => rest;
const isOptional = (name: string) => name === "notes" || name === "groups" || name === "tests";
const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;
const isMap = (value: unknown): value is Item => typeof value === "object" && value !== null && !Array.isArray(value);
const withoutPlace = ({ position: _gone, ...rest }: Item): Item => rest;
const endsOf = (edge: FlowEdge) => [parseEndpoint(edge.from, "out").node, parseEndpoint(edge.to, "in").node];

function indexBy(list: ListName, items: readonly Item[]): Map<string, Item> {
  return new Map(items.map((item) => [String(list === "tests" ? item.name : item.id), item]));
}

/** The list as it was when it holds the same, so that nothing is drawn anew. */
function keepIdentity<Each>(before: Each[], after: Each[]): Each[] {
  return before.length === after.length && before.every((item, at) => item === after[at]) ? before : after;
}
