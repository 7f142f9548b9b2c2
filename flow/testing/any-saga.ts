import fc from "fast-check";
import type { FlowDocument } from "../document";
import { type DrawnNode, drawFlow } from "./drawing";

/** What stands in a saga, nested as its branches are. */
export type Block =
  | { readonly is: "step"; readonly by: "http" | "topic"; readonly wiresError: boolean; readonly pivot: boolean }
  | { readonly is: "plain"; readonly kind: "map" | "saga-timer" | "sub-saga" }
  | { readonly is: "wait" | "approval"; readonly wiresRest: boolean }
  | { readonly is: "switch" | "fork"; readonly ways: readonly (readonly Block[])[] };

const anyLeaf: fc.Arbitrary<Block> = fc.oneof(
  fc.record({
    is: fc.constant("step" as const),
    by: fc.constantFrom("http" as const, "topic" as const),
    wiresError: fc.boolean(),
    pivot: fc.boolean(),
  }),
  fc.record({
    is: fc.constant("plain" as const),
    kind: fc.constantFrom("map", "saga-timer", "sub-saga"),
  }) as fc.Arbitrary<Block>,
  fc.record({ is: fc.constantFrom("wait" as const, "approval" as const), wiresRest: fc.boolean() }),
);

/** Counts down for blocks and for lists of them alike, so that sagas stay of a size that a person would draw. */
const depth = fc.createDepthIdentifier();

const { blocks } = fc.letrec<{ blocks: Block[]; block: Block }>((tie) => ({
  block: fc.oneof(
    { maxDepth: 4, depthIdentifier: depth, withCrossShrink: true },
    anyLeaf,
    fc.record({
      is: fc.constantFrom("switch" as const, "fork" as const),
      ways: fc.array(tie("blocks"), { minLength: 2, maxLength: 3 }),
    }) as fc.Arbitrary<Block>,
  ),
  blocks: fc.array(tie("block"), { maxLength: 3, depthIdentifier: depth }),
}));

/** Any saga as a person would draw it, well drawn. */
export const anySaga: fc.Arbitrary<FlowDocument> = blocks.map(drawBlocks);

/** A flow with the saga of these blocks, one after the other. */
export function drawBlocks(saga: readonly Block[]): FlowDocument {
  const nodes: DrawnNode[] = [
    ["orders", "webhook-source", { path: "orders" }],
    ["events", "webhook-source", { path: "events" }],
    ["start", "saga-start"],
  ];
  const wires = ["orders>start"];
  const add = (kind: string, config: Record<string, unknown> = {}): string => {
    const id = `${kind.replace("saga-", "")}-${nodes.length}`;
    nodes.push([id, kind, config]);
    return id;
  };

  /** Draws blocks behind these ports; answers the ports by which they are left. */
  const draw = (list: readonly Block[], from: readonly string[]): readonly string[] =>
    list.reduce((ports, block) => drawBlock(block, ports), from);

  const enter = (id: string, from: readonly string[]) => wires.push(...from.map((port) => `${port}>${id}`));

  function drawBlock(block: Block, from: readonly string[]): readonly string[] {
    switch (block.is) {
      case "step": {
        const action = { call: block.by, url: "/do", topic: "commands" };
        const id = add("saga-step", { action, compensation: { url: "/undo" }, pivot: block.pivot });
        enter(id, from);
        if (block.by === "topic") wires.push(`events>${id}.reply`);
        return block.wiresError ? [id, `${id}.error`] : [id];
      }
      case "plain": {
        const config = { map: { value: "body" }, "saga-timer": { for: "1m" }, "sub-saga": { flow: "other" } }[
          block.kind
        ];
        const id = add(block.kind, config);
        enter(id, from);
        return [id];
      }
      case "wait": {
        const id = add("saga-wait", { awaits: "key", within: "1m" });
        enter(id, from);
        wires.push(`events>${id}.event`);
        return block.wiresRest ? [id, `${id}.timeout`] : [id];
      }
      case "approval": {
        const id = add("saga-approval", { question: "?", within: "1m" });
        enter(id, from);
        return block.wiresRest ? [`${id}.approved`, `${id}.rejected`, `${id}.timeout`] : [`${id}.approved`];
      }
      case "switch": {
        const cases = block.ways.slice(1).map((_, index) => ({ port: `case-${index}`, when: "body.a == 1" }));
        const id = add("switch", { cases });
        enter(id, from);
        const ports = [...cases.map(({ port }) => port), "otherwise"];
        return block.ways.flatMap((way, index) => draw(way, [`${id}.${ports[index]}`]));
      }
      case "fork": {
        const branches = block.ways.map((_, index) => `branch-${index}`);
        const id = add("saga-fork", { branches });
        enter(id, from);
        const ports = block.ways.flatMap((way, index) => draw(way, [`${id}.${branches[index]}`]));
        const join = add("saga-join");
        enter(join, ports);
        return [join];
      }
    }
  }

  const ports = draw(saga, ["start"]);
  enter(add("saga-end"), ports);
  return drawFlow(nodes, ...wires);
}
