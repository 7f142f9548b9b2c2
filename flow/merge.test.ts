import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FlowDocument } from "./document";
import { formatFlow } from "./format";
import { mergeFlows } from "./merge";
import { isSame, shareParts } from "./same";

const base: FlowDocument = {
  format: "millrace/flow@1",
  name: "orders",
  settings: { trace: { perSecond: 10 } },
  nodes: [
    { id: "in", kind: "kafka-source", config: { topic: "orders" }, position: { x: 0, y: 0 } },
    { id: "german", kind: "filter", config: { when: "body.country == 'DE'" }, position: { x: 300, y: 0 } },
    {
      id: "route",
      kind: "switch",
      config: {
        cases: [
          { port: "a", when: "x" },
          { port: "b", when: "y" },
        ],
      },
    },
    { id: "out", kind: "kafka-sink", config: { topic: "orders.de" }, position: { x: 600, y: 0 } },
  ],
  edges: [
    { from: "in", to: "german" },
    { from: "german.pass", to: "out" },
  ],
  notes: [{ id: "note", text: "hello", position: { x: 0, y: 0 } }],
  groups: [{ id: "g", title: "Group", nodes: ["in"] }],
};
const change = (edit: (draft: FlowDocument) => void): FlowDocument => {
  const draft = structuredClone(base);
  edit(draft);
  return draft;
};
const node = (flow: FlowDocument, id: string) => flow.nodes.find((each) => each.id === id);

describe("merging two drawings", () => {
  it("is mine, by identity, when theirs changed nothing, and theirs when mine did not", () => {
    const mine = change((draft) => draft.notes!.pop());
    expect(mergeFlows(base, mine, structuredClone(base)).document).toBe(mine);
    const theirs = change((draft) => draft.edges.pop());
    expect(mergeFlows(base, base, theirs).document).toEqual(theirs);
  });

  it("takes edits of different nodes, and of different fields of one", () => {
    const mine = change((draft) => {
      node(draft, "german")!.config.when = "mine";
      node(draft, "in")!.title = "Orders";
    });
    const theirs = change((draft) => {
      node(draft, "in")!.config.topic = "orders.all";
      node(draft, "german")!.position = { x: 1, y: 1 };
      draft.settings = { trace: { perSecond: 10 }, delivery: "exactly-once" };
    });
    const { document, collisions } = mergeFlows(base, mine, theirs);
    expect(collisions).toEqual([]);
    expect(node(document, "in")).toMatchObject({ title: "Orders", config: { topic: "orders.all" } });
    expect(node(document, "german")).toMatchObject({ config: { when: "mine" }, position: { x: 1, y: 1 } });
    expect(document.settings).toEqual({ trace: { perSecond: 10 }, delivery: "exactly-once" });
    // What nobody touched is the same object: nothing of it is drawn again.
    expect(node(document, "out")).toBe(node(mine, "out"));
  });

  it("names a field that both changed, and keeps what is preferred", () => {
    const mine = change((draft) => (node(draft, "german")!.config.when = "mine"));
    const theirs = change((draft) => (node(draft, "german")!.config.when = "theirs"));
    const merge = mergeFlows(base, mine, theirs);
    expect(merge.collisions).toEqual([
      {
        id: "nodes/german/config.when",
        of: { list: "nodes", id: "german" },
        field: "config.when",
        base: "body.country == 'DE'",
        mine: "mine",
        theirs: "theirs",
      },
    ]);
    expect(node(merge.document, "german")!.config.when).toBe("mine");
    const chosen = mergeFlows(base, mine, theirs, (id) => (id === "nodes/german/config.when" ? "theirs" : "mine"));
    expect(node(chosen.document, "german")!.config.when).toBe("theirs");
  });

  it("merges entries of a list of one length, and asks for the list when its length changed", () => {
    const cases = (draft: FlowDocument) => node(draft, "route")!.config.cases as { port: string; when: string }[];
    const one = change((draft) => (cases(draft)[0]!.when = "mine"));
    const other = change((draft) => (cases(draft)[1]!.when = "theirs"));
    expect(cases(mergeFlows(base, one, other).document).map((each) => each.when)).toEqual(["mine", "theirs"]);
    const longer = change((draft) => cases(draft).push({ port: "c", when: "z" }));
    expect(mergeFlows(base, one, longer).collisions.map(({ field }) => field)).toEqual(["config.cases"]);
  });

  it("asks when one removed a node that the other changed or wired, and keeps it with its wires when that is chosen", () => {
    const mine = change((draft) => {
      draft.nodes = draft.nodes.filter(({ id }) => id !== "german");
      draft.edges = [{ from: "in", to: "out" }];
    });
    const theirs = change((draft) => (node(draft, "german")!.config.when = "theirs"));
    const { document, collisions } = mergeFlows(base, mine, theirs);
    expect(collisions).toMatchObject([{ of: { id: "german" }, field: "", mine: undefined, theirs: { id: "german" } }]);
    expect(node(document, "german")).toBeUndefined();
    expect(document.edges).toEqual([{ from: "in", to: "out" }]);
    const kept = mergeFlows(base, mine, theirs, "theirs").document;
    expect(node(kept, "german")).toMatchObject({ config: { when: "theirs" } });
    expect(kept.edges).toHaveLength(3);

    const wired = change((draft) => draft.edges.push({ from: "german.rest", to: "out" }));
    expect(mergeFlows(base, mine, wired).collisions).toHaveLength(1);
    const moved = change((draft) => (node(draft, "german")!.position = { x: 9, y: 9 }));
    expect(mergeFlows(base, mine, moved).collisions).toEqual([]);
  });

  it("keeps both when both add a node of one id; wires, groups and cases follow", () => {
    const mine = change((draft) => {
      draft.nodes.push({ id: "map", kind: "map", config: { value: "1" } });
      draft.edges.push({ from: "german.rest", to: "map" });
      draft.groups![0]!.nodes.push("map");
      draft.tests = [{ name: "one", at: "in", message: { body: 1 }, expect: { "map.out": [] } }];
    });
    const theirs = change((draft) => draft.nodes.push({ id: "map", kind: "map", config: { value: "2" } }));
    const { document, collisions, renamed } = mergeFlows(base, mine, theirs);
    expect(collisions).toEqual([]);
    expect([...renamed.nodes]).toEqual([["map", "map-2"]]);
    expect(node(document, "map")!.config).toEqual({ value: "2" });
    expect(node(document, "map-2")!.config).toEqual({ value: "1" });
    expect(document.edges).toContainEqual({ from: "german.rest", to: "map-2" });
    expect(document.groups![0]!.nodes).toEqual(["in", "map-2"]);
    expect(document.tests![0]!.expect).toEqual({ "map-2.out": [] });
  });

  it("decides kind and settings of a replaced node as one", () => {
    const mine = change((draft) => Object.assign(node(draft, "german")!, { kind: "map", config: { value: "1" } }));
    const theirs = change((draft) => (node(draft, "german")!.config.when = "theirs"));
    const { document, collisions } = mergeFlows(base, mine, theirs);
    expect(collisions.map(({ field }) => field)).toEqual(["kind"]);
    expect(node(document, "german")).toMatchObject({ kind: "map", config: { value: "1" } });
  });

  it("leaves a node in one group", () => {
    const mine = change((draft) => draft.groups!.push({ id: "mine", title: "M", nodes: ["out"] }));
    const theirs = change((draft) => draft.groups![0]!.nodes.push("out"));
    const { groups } = mergeFlows(base, mine, theirs).document;
    expect(groups!.filter((group) => group.nodes.includes("out")).map((group) => group.id)).toEqual(["mine"]);
  });
});

/** Edits by a number: which thing, and what is done to it. */
type Edit = { at: number; what: "config" | "title" | "remove" | "wire" | "add" | "note" | "setting"; value: string };
const edits = fc.array(
  fc.record<Edit>({
    at: fc.nat(5),
    what: fc.constantFrom("config", "title", "remove", "wire", "add", "note", "setting"),
    value: fc.constantFrom("x", "y", "z"),
  }),
  { maxLength: 6 },
);
const start: FlowDocument = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: [0, 1, 2, 3, 4, 5].map((at) => ({ id: `n${at}`, kind: "log", config: { label: "l", level: "info" } })),
  edges: [0, 1, 2, 3, 4].map((at) => ({ from: `n${at}`, to: `n${at + 1}` })),
  notes: [{ id: "a", text: "a", position: { x: 0, y: 0 } }],
};
function apply(flow: FlowDocument, list: readonly Edit[], who: string): FlowDocument {
  const draft = structuredClone(flow);
  for (const { at, what, value } of list) {
    const target = draft.nodes.find(({ id }) => id === `n${at}`);
    if (what === "config" && target) target.config = { ...target.config, [at % 2 ? "label" : "level"]: value };
    if (what === "title" && target) target.title = value;
    if (what === "remove") {
      draft.nodes = draft.nodes.filter((each) => each !== target);
      draft.edges = draft.edges.filter((edge) => edge.from !== `n${at}` && edge.to !== `n${at}`);
    }
    const to = `n${(at + 2) % 6}`;
    const isNew = !draft.edges.some((edge) => edge.from === `n${at}` && edge.to === to);
    if (what === "wire" && target && isNew && draft.nodes.some(({ id }) => id === to))
      draft.edges.push({ from: `n${at}`, to });
    if (what === "add" && !draft.nodes.some(({ id }) => id === `${who}-${value}`)) {
      draft.nodes.push({ id: `${who}-${value}`, kind: "map", config: { value } });
    }
    if (what === "note") draft.notes = (draft.notes ?? []).map((note) => ({ ...note, text: value }));
    if (what === "setting") draft.settings = { delivery: value === "x" ? "exactly-once" : "at-least-once" };
  }
  return draft;
}
const leaves = (value: unknown, path = ""): [string, unknown][] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, part]) => leaves(part, `${path}/${(part as { id?: string })?.id ?? name}`))
    : [[path, value]];

describe("whatever two people do", () => {
  it("is the same in either order where nothing collides, and no wire hangs in the air", () => {
    fc.assert(
      fc.property(edits, edits, (one, other) => {
        const [mine, theirs] = [apply(start, one, "me"), apply(start, other, "you")];
        const merge = mergeFlows(start, mine, theirs);
        const back = mergeFlows(start, theirs, mine);
        expect(back.collisions.map(({ id }) => id).sort()).toEqual(merge.collisions.map(({ id }) => id).sort());
        const sorted = (flow: FlowDocument) =>
          formatFlow({
            ...flow,
            edges: flow.edges.toSorted((a, b) => (`${a.from}${a.to}` < `${b.from}${b.to}` ? -1 : 1)),
          });
        if (merge.collisions.length === 0) expect(sorted(back.document)).toBe(sorted(merge.document));
        const ids = new Set(merge.document.nodes.map(({ id }) => id));
        for (const edge of merge.document.edges) expect([ids.has(edge.from), ids.has(edge.to)]).toEqual([true, true]);
      }),
      { numRuns: 400 },
    );
  });

  it("loses no edit: what one set stands in the merge, or among the collisions", () => {
    fc.assert(
      fc.property(edits, edits, fc.constantFrom("mine" as const, "theirs" as const), (one, other, prefer) => {
        const [mine, theirs] = [apply(start, one, "me"), apply(start, other, "you")];
        const { document, collisions } = mergeFlows(start, mine, theirs, prefer);
        const known = new Map(leaves(start));
        const result = new Map(leaves(document));
        const collided = JSON.stringify(collisions);
        for (const side of [mine, theirs]) {
          for (const [path, value] of leaves({ nodes: side.nodes, notes: side.notes, settings: side.settings })) {
            if (known.get(path) === value || result.get(path) === value) continue;
            expect(collided).toContain(JSON.stringify(value));
          }
          for (const edge of side.edges) {
            const isNew = !start.edges.some((old) => isSame(old, edge));
            const there = document.edges.some((each) => isSame(each, edge));
            if (isNew && !there)
              expect(collisions.some(({ of }) => of && [edge.from, edge.to].includes(of.id))).toBe(true);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it("gives mine or theirs whole where they collide and one is chosen for all", () => {
    fc.assert(
      fc.property(edits, (list) => {
        const side = apply(start, list, "me");
        expect(isSame(mergeFlows(start, side, start).document, side)).toBe(true);
        expect(isSame(mergeFlows(start, side, side).document, side)).toBe(true);
        const shared = shareParts(start, structuredClone(side));
        expect(isSame(shared, side)).toBe(true);
        for (const each of shared.nodes) {
          const old = start.nodes.find(({ id }) => id === each.id);
          if (old && isSame(old, each)) expect(each).toBe(old);
        }
      }),
    );
  });
});
