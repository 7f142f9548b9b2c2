import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Member, shareOut } from "./share";

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const member = (id: string, more: Partial<Member> = {}): Member => ({
  id,
  process: id,
  owned: [],
  since: 0,
  others: [],
  ...more,
});

/** Groups by name, with how many partitions they have and how many of them each process has; null while it joins. */
type World = Map<string, { partitions: number; lanes: Map<string, number | null> }>;

function makeWorld(processes: readonly string[], partitions: readonly number[]): World {
  return new Map(
    partitions.map((count, index) => [
      `group-${index}`,
      { partitions: count, lanes: new Map(processes.map((process) => [process, null])) },
    ]),
  );
}

/** What the leader of a group decides, from what its members tell of the world as it is. */
function decide(world: World, name: string): Map<string, number> {
  const { partitions, lanes } = world.get(name)!;
  const members = [...lanes.keys()].map((process) => {
    const others = [...world]
      .filter(([group, other]) => group !== name && other.lanes.has(process))
      .map(([group, other]) => ({ group, partitions: other.partitions, lanes: other.lanes.get(process) ?? null }));
    return member(`${name}-${process}`, { process, others });
  });
  const shares = shareOut(name, range(partitions), members);
  return new Map(members.map(({ id, process }) => [process, shares.get(id)!.length]));
}

/** Every group is shared out anew: at once, none knowing what the others decide, or one after the other in some order. */
function shareAll(world: World, order: readonly string[] | "at once"): void {
  const names = order === "at once" ? [...world.keys()] : order;
  const decided = names.map((name) => {
    const shares = decide(world, name);
    if (order !== "at once") world.get(name)!.lanes = shares;
    return [name, shares] as const;
  });
  for (const [name, shares] of decided) world.get(name)!.lanes = shares;
}

function spread(counts: readonly number[]): number {
  return Math.max(...counts) - Math.min(...counts);
}

function spreadOfTotals(world: World, processes: readonly string[]): number {
  return spread(
    processes.map((process) => [...world.values()].reduce((sum, { lanes }) => sum + (lanes.get(process) ?? 0), 0)),
  );
}

const processNames = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 6 });
const partitionCounts = fc.array(fc.nat(12), { minLength: 1, maxLength: 6 });
const anyMembers = fc.uniqueArray(
  fc.record({
    id: fc.stringMatching(/^[a-z]{1,3}$/),
    process: fc.constantFrom("p", "q", "r"),
    owned: fc.array(fc.nat(20)),
    since: fc.nat(5),
    others: fc.array(
      fc.record({
        group: fc.constantFrom("a", "b", "z"),
        partitions: fc.nat(5),
        lanes: fc.option(fc.nat(5)),
      }),
    ),
  }),
  { minLength: 1, maxLength: 6, selector: ({ id }) => id },
);

describe("sharing a group", () => {
  it("gives every partition to exactly one, and to each as many as to the others but for one", () => {
    fc.assert(
      fc.property(anyMembers, fc.nat(20), (members, count) => {
        const shares = shareOut("g", range(count), members);
        expect([...shares.values()].flat().sort((a, b) => a - b)).toEqual(range(count));
        expect(spread([...shares.values()].map((own) => own.length))).toBeLessThanOrEqual(1);
        expect(new Set(shares.keys())).toEqual(new Set(members.map(({ id }) => id)));
      }),
    );
  });

  it("does not depend on the order in which members are told", () => {
    fc.assert(
      fc.property(anyMembers, fc.nat(20), (members, count) => {
        expect(shareOut("g", range(count), [...members].reverse())).toEqual(shareOut("g", range(count), members));
      }),
    );
  });

  it("leaves to members what they have, as far as they may have so many", () => {
    fc.assert(
      fc.property(processNames, fc.nat(20), fc.nat(5), (names, count, joining) => {
        const before = shareOut(
          "g",
          range(count),
          names.map((name) => member(name)),
        );
        const stayed = names.slice(Math.min(joining, names.length - 1));
        const members = [...stayed.map((name) => member(name, { owned: before.get(name)! })), member("new-one")];
        const after = shareOut("g", range(count), members);
        for (const name of stayed) {
          const [had, has] = [before.get(name)!, after.get(name)!];
          const kept = has.filter((partition) => had.includes(partition)).length;
          expect(kept).toBe(Math.min(had.length, has.length));
        }
      }),
    );
  });

  it("believes the newer claim", () => {
    const members = [member("a", { owned: [0, 1], since: 1 }), member("b", { owned: [0, 1], since: 2 })];
    expect(shareOut("g", [0, 1, 2], members).get("b")).toContain(0);
  });

  it("changes nothing when nothing changed", () => {
    fc.assert(
      fc.property(anyMembers, fc.nat(20), (members, count) => {
        const once = shareOut("g", range(count), members);
        const again = members.map((each) => ({ ...each, owned: once.get(each.id)! }));
        expect(shareOut("g", range(count), again)).toEqual(once);
      }),
    );
  });
});

describe("sharing several groups", () => {
  it("gives two workers the leftovers of two topics in turn", () => {
    const world = makeWorld(["a", "b"], [1, 1]);
    shareAll(world, "at once");
    expect(spreadOfTotals(world, ["a", "b"])).toBe(0);
  });

  it("evens out the totals when all are shared out at once", () => {
    fc.assert(
      fc.property(processNames, partitionCounts, (processes, counts) => {
        const world = makeWorld(processes, counts);
        shareAll(world, "at once");
        expect(spreadOfTotals(world, processes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("evens out the totals of two in whatever order they are shared out", () => {
    fc.assert(
      fc.property(processNames, fc.tuple(fc.nat(12), fc.nat(12)), fc.boolean(), (processes, counts, turned) => {
        const world = makeWorld(processes, counts);
        shareAll(world, turned ? ["group-1", "group-0"] : ["group-0", "group-1"]);
        expect(spreadOfTotals(world, processes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("evens out the totals with one more group, the others being at rest", () => {
    fc.assert(
      fc.property(processNames, partitionCounts, fc.nat(12), (processes, counts, count) => {
        const world = makeWorld(processes, counts);
        shareAll(world, "at once");
        // By name before those that are there.
        world.set("first", { partitions: count, lanes: new Map(processes.map((process) => [process, null])) });
        shareAll(world, ["first"]);
        expect(spreadOfTotals(world, processes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("evens out the totals when a worker was killed, before anybody knows that all groups are affected", () => {
    fc.assert(
      fc.property(processNames, partitionCounts, (processes, counts) => {
        fc.pre(processes.length > 1);
        const [killed, ...left] = processes;
        // Groups in which the killed one had nothing are not shared out anew.
        const world = makeWorld(
          processes,
          counts.map((count) => count + processes.length),
        );
        shareAll(world, "at once");
        for (const { lanes } of world.values()) lanes.delete(killed!);
        shareAll(world, "at once");
        expect(spreadOfTotals(world, left)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
