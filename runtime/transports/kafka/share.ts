/**
 * Who gets which partitions of a group, as a pure function of what its members tell when they join. Inside a group the members differ by
 * one partition at most. Who gets the leftovers is decided over all groups: whoever carries the fewest lanes otherwise.
 */

/** Another group that a member is in. */
export interface OtherGroup {
  readonly group: string;
  readonly partitions: number;
  /** Lanes that the member has of it; null while it joins: then that group is being shared out too. */
  readonly lanes: number | null;
}

export interface Member {
  readonly id: string;
  /** The process that it belongs to: one that is in several groups carries the lanes of all of them. */
  readonly process: string;
  /** Partitions that it had last, and since when (milliseconds since the epoch). */
  readonly owned: readonly number[];
  readonly since: number;
  readonly others: readonly OtherGroup[];
}

/** Every partition to exactly one member, by the member's id. Two leaders with the same members decide alike. */
export function shareOut(
  group: string,
  partitions: readonly number[],
  members: readonly Member[],
): Map<string, number[]> {
  const ordered = [...members].sort((a, b) => compare(a.id, b.id));
  const takers = ordered.map(({ id, process }) => ({ key: id, process }));
  const quotas = divide(partitions.length, takers, foreseeLoads(group, ordered));
  return place(partitions, ordered, quotas);
}

interface Taker {
  readonly key: string;
  readonly process: string;
}

/** How many each one gets: the same, and one more for those of the processes that carry least. */
function divide(count: number, takers: readonly Taker[], loads: ReadonlyMap<string, number>): Map<string, number> {
  const load = ({ process }: Taker) => loads.get(process) ?? 0;
  const order = [...takers].sort((a, b) => load(a) - load(b) || compare(a.process, b.process) || compare(a.key, b.key));
  const each = Math.floor(count / order.length);
  return new Map(order.map(({ key }, at) => [key, each + (at < count % order.length ? 1 : 0)]));
}

/**
 * Lanes that each process has, or is about to have, in the other groups. A group that is at rest counts as it stands. When a worker comes or goes, its
 * groups are shared out all at once, each by a leader of its own that cannot know what the others decide: so each one foresees what those
 * before its group, by name, will decide, and leaves those after it to foresee this one.
 */
function foreseeLoads(group: string, members: readonly Member[]): Map<string, number> {
  const loads = new Map<string, number>();
  const add = (process: string, lanes: number) => loads.set(process, (loads.get(process) ?? 0) + lanes);
  const others = collectOthers(members);
  for (const { lanes, resting } of others.values()) {
    if (resting) for (const [process, count] of lanes) add(process, count ?? 0);
  }
  const restless = [...others].filter(([name, { resting }]) => !resting && name < group);
  for (const [, { partitions, lanes }] of restless.sort(([a], [b]) => compare(a, b))) {
    const takers = [...lanes.keys()].map((process) => ({ key: process, process }));
    for (const [process, count] of divide(partitions, takers, loads)) add(process, count);
  }
  return loads;
}

interface Others {
  partitions: number;
  readonly lanes: Map<string, number | null>;
  resting: boolean;
}

function collectOthers(members: readonly Member[]): Map<string, Others> {
  const groups = new Map<string, Others>();
  for (const { process, others } of members) {
    for (const { group, partitions, lanes } of others) {
      const known = groups.get(group) ?? { partitions: 0, lanes: new Map(), resting: false };
      known.partitions = Math.max(known.partitions, partitions);
      known.lanes.set(process, lanes);
      groups.set(group, known);
    }
  }
  for (const known of groups.values()) {
    const counts = [...known.lanes.values()];
    // One that was killed is missing from the sum before its groups notice.
    known.resting =
      !counts.includes(null) && counts.reduce((sum: number, count) => sum + (count ?? 0), 0) === known.partitions;
  }
  return groups;
}

/** Members keep what they had, as far as they may have so many; the rest goes round. */
function place(
  partitions: readonly number[],
  members: readonly Member[],
  quotas: ReadonlyMap<string, number>,
): Map<string, number[]> {
  const free = new Set(partitions);
  const placed = new Map<string, number[]>();
  // Two may claim the same: one that was cut off for a while does not know that another has it since.
  const newestFirst = [...members].sort((a, b) => b.since - a.since);
  for (const { id, owned } of newestFirst) {
    const kept = [...new Set(owned)].filter((partition) => free.has(partition)).sort((a, b) => a - b);
    kept.length = Math.min(kept.length, quotas.get(id) ?? 0);
    for (const partition of kept) free.delete(partition);
    placed.set(id, kept);
  }
  const left = [...free].sort((a, b) => a - b);
  for (const { id } of members) {
    const own = placed.get(id)!;
    own.push(...left.splice(0, (quotas.get(id) ?? 0) - own.length));
    own.sort((a, b) => a - b);
  }
  return placed;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
