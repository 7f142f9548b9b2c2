import fc from "fast-check";
import { expect, it } from "vitest";
import { kinds } from "./catalog";
import { configureNode, portsOf } from "./configure";
import type { FlowDocument, FlowNode } from "./document";
import { buildGraph, findReachable } from "./graph";
import { compareDelivery, compareOrder, type DeliveryLevel } from "./guarantee";
import { semanticsOf } from "./semantics";
import { drawFlow } from "./testing/drawing";

const ofRole = (role: string) => kinds.filter((kind) => kind.role === role).map((kind) => kind.kind);
const exampleOf = (name: string) => kinds.find((kind) => kind.kind === name)!.example.config as Record<string, unknown>;

/** Settings that change what a kind says of itself. */
const variants: Record<string, readonly object[]> = {
  "kafka-sink": [{ key: "" }, { key: "key" }, { key: "body.id" }],
  "kafka-source": [{}, { onGap: "latest" }],
  "queue-sink": [{}, { delayMs: 100 }],
  "http-request": [{ order: "none" }, { order: "key" }, { order: "lane" }, { method: "PUT" }, { concurrency: 1 }],
  "generate-source": [{}, { key: "" }],
};
const anyNode = (names: readonly string[]) =>
  fc.tuple(fc.constantFrom(...names), fc.nat(9), fc.boolean()).map(([kind, choice, waits]) => {
    const own = variants[kind] ?? [{}];
    const config = { ...exampleOf(kind), ...own[choice % own.length] };
    const retry = { attempts: 9, backoff: "exponential" as const, delayMs: 200, maxDelayMs: 60_000 };
    return { kind, config, ...(waits && choice > 5 ? { retry } : {}) };
  });

/** A drawing without circles whose wires all hold: sources first, then steps, then sinks. */
const anyFlow: fc.Arbitrary<FlowDocument> = fc
  .record({
    sources: fc.array(anyNode(ofRole("source")), { minLength: 1, maxLength: 2 }),
    steps: fc.array(anyNode(ofRole("step")), { maxLength: 4 }),
    sinks: fc.array(anyNode(ofRole("sink")), { maxLength: 3 }),
    wires: fc.array(fc.tuple(fc.nat(8), fc.nat(8), fc.nat(4)), { minLength: 3, maxLength: 14 }),
    exact: fc.boolean(),
  })
  .map(({ sources, steps, sinks, wires, exact }) => {
    const nodes = [...sources, ...steps, ...sinks].map((node, index): FlowNode => ({ id: `n${index}`, ...node }));
    const edges = wires.flatMap(([a, b, port]) => {
      const [one, other] = [a % nodes.length, b % nodes.length];
      const [from, to] = [nodes[Math.min(one, other)], nodes[Math.max(one, other)]];
      if (!from || !to || from === to || to.kind.endsWith("-source")) return [];
      const { out } = portsOf(from);
      return [{ from: `${from.id}.${out[port % out.length]}`, to: to.id }];
    });
    return { ...drawFlow([]), nodes, edges, ...(exact ? { settings: { delivery: "exactly-once" as const } } : {}) };
  });

const pathsOf = (flow: FlowDocument) =>
  new Map(semanticsOf(flow).paths.map((path) => [`${path.from}>${path.to}`, path]));
const sayOf = (node: FlowNode) => {
  const { kind, config } = configureNode(node);
  return kind!.semantics(config);
};

it("a node put into a wire never makes a path stronger, unless it says itself that repeats do no harm", () => {
  let weaker = 0;
  fc.assert(
    fc.property(
      anyFlow,
      anyNode([...ofRole("step"), "http-request", "http-request"]),
      fc.nat(),
      (flow, inserted, choice) => {
        const edge = flow.edges[choice % Math.max(1, flow.edges.length)];
        const node: FlowNode = { id: "between", ...inserted };
        const says = sayOf(node);
        fc.pre(edge !== undefined && (says.repeat === undefined || says.repeat === "duplicates"));
        const through = [
          { from: edge!.from, to: "between" },
          { from: `between.${portsOf(node).out[0]}`, to: edge!.to },
        ];
        const edges = flow.edges.filter((each) => each.from !== edge!.from || each.to !== edge!.to);
        const after = pathsOf({ ...flow, nodes: [...flow.nodes, node], edges: [...edges, ...through] });
        for (const [name, before] of pathsOf(flow)) {
          const now = after.get(name)!;
          expect(compareDelivery(now.delivery, before.delivery)).toBeLessThanOrEqual(0);
          expect(compareOrder(now.order, before.order)).toBeLessThanOrEqual(0);
          if (now.summary !== before.summary) weaker++;
        }
      },
    ),
    { numRuns: 500 },
  );
  expect(weaker).toBeGreaterThan(5);
});

it("no path claims more than its source, its sink, and what has effects on the way", () => {
  const seen = new Set<DeliveryLevel>();
  fc.assert(
    fc.property(anyFlow, (flow) => {
      const graph = buildGraph(flow);
      const semantics = semanticsOf(flow);
      for (const path of semantics.paths) {
        seen.add(path.delivery);
        const source = sayOf(graph.nodes.get(path.from)!);
        const end = sayOf(graph.nodes.get(path.to)!);
        expect(compareOrder(path.order, source.source!.order)).toBeLessThanOrEqual(0);
        if (path.delivery === "exactly-once") {
          expect(source.transaction).toBeDefined();
          const reached = findReachable(graph, [path.from]);
          for (const id of reached) {
            const { repeat, transaction } = sayOf(graph.nodes.get(id)!);
            if (repeat !== undefined) expect(transaction).toBe(source.transaction);
          }
        }
        if (path.delivery === "effectively-once") expect(end.repeat).not.toBe("duplicates");
        // What is weaker than it could be names the node.
        if (path.order === "none") {
          expect(path.weakenings.some(({ weakens, node }) => weakens === "order" && node !== undefined)).toBe(true);
        }
        if (path.delivery === "at-least-once" && end.repeat === "duplicates") {
          expect(path.weakenings).toContainEqual(expect.objectContaining({ weakens: "delivery", node: path.to }));
        }
        expect(compareDelivery(semantics.delivery, path.delivery)).toBeLessThanOrEqual(0);
        expect(compareOrder(semantics.order, path.order)).toBeLessThanOrEqual(0);
      }
    }),
    { numRuns: 500 },
  );
  expect([...seen].sort()).toEqual(["at-least-once", "effectively-once", "exactly-once"]);
});

it("what is folded is what walking each way by itself gives", () => {
  fc.assert(
    fc.property(anyFlow, (flow) => {
      const graph = buildGraph(flow);
      for (const path of semanticsOf(flow).paths) {
        const ways = listWays(graph, path.from, path.to).slice(0, 50);
        const single = ways.map((way) => pathsOf(keepWay(flow, way)).get(`${path.from}>${path.to}`)!);
        const weakestOrder = single.map((each) => each.order).sort(compareOrder)[0]!;
        expect(path.order).toBe(weakestOrder);
        const weakest = single.map((each) => each.delivery).sort(compareDelivery)[0]!;
        // Alone a way may be exactly once that another node of the whole flow keeps from it.
        expect(compareDelivery(path.delivery, weakest)).toBeLessThanOrEqual(0);
      }
    }),
    { numRuns: 300 },
  );
});

type EdgePath = readonly FlowDocument["edges"][number][];

function listWays(graph: ReturnType<typeof buildGraph>, from: string, to: string): EdgePath[] {
  if (from === to) return [[]];
  return graph.leaving
    .get(from)!
    .flatMap((wire) => listWays(graph, wire.to.node, to).map((rest) => [wire.edge, ...rest]));
}

/** The drawing with the nodes and wires of one way only. */
function keepWay(flow: FlowDocument, way: EdgePath): FlowDocument {
  const ids = new Set(way.flatMap(({ from, to }) => [from.split(".")[0]!, to]));
  const alone = flow.nodes.filter(({ id }) => ids.has(id));
  return { ...flow, nodes: alone.length > 0 ? alone : flow.nodes, edges: [...way] };
}
