import fc from "fast-check";
import { BodyPathError } from "../body-path";
import type { SagaEvaluation, SagaProgram } from "../saga/program";
import { makeProgram, type TestNode } from "./saga";

/** Random sagas for properties: what is drawn, block after block. */
type Block =
  | {
      readonly block: "step";
      readonly pivot: boolean;
      readonly undo: boolean;
      readonly attempts: number;
      readonly into: boolean;
      readonly endless: boolean;
      readonly error: readonly Block[] | null;
    }
  | { readonly block: "switch"; readonly ways: readonly (readonly Block[])[] }
  | { readonly block: "fork"; readonly ways: readonly (readonly Block[])[]; readonly joins: boolean }
  | { readonly block: "wait" | "approval"; readonly within: boolean; readonly wired: boolean }
  | { readonly block: "timer" | "end" };

const { blocks } = fc.letrec<{ blocks: Block[]; block: Block }>((tie) => ({
  blocks: fc.array(tie("block"), { maxLength: 4 }),
  block: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    {
      weight: 6,
      arbitrary: fc.record({
        block: fc.constant("step" as const),
        pivot: fc.nat(9).map((n) => n === 0),
        undo: fc.nat(5).map((n) => n > 0),
        attempts: fc.integer({ min: 1, max: 3 }),
        into: fc.boolean(),
        endless: fc.nat(9).map((n) => n === 0),
        error: fc.constant(null),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        block: fc.constantFrom("wait" as const, "approval" as const),
        within: fc.boolean(),
        wired: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ block: fc.constantFrom("timer" as const, "timer" as const, "end" as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        block: fc.constant("step" as const),
        pivot: fc.nat(5).map((n) => n === 0),
        undo: fc.boolean(),
        attempts: fc.constant(1),
        into: fc.boolean(),
        endless: fc.constant(false),
        error: tie("blocks"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        block: fc.constant("switch" as const),
        ways: fc.array(tie("blocks"), { minLength: 1, maxLength: 3 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        block: fc.constant("fork" as const),
        ways: fc.array(tie("blocks"), { minLength: 2, maxLength: 3 }),
        joins: fc.nat(4).map((n) => n > 0),
      }),
    },
  ),
}));

export interface AnyProgram {
  readonly program: SagaProgram;
  readonly evaluation: SagaEvaluation;
}

/** Any saga: steps, forks with joins and without, within each other, switches whose ways end at times, waits, timers, approvals, pivots. */
export const anyProgram: fc.Arbitrary<AnyProgram> = fc
  .tuple(fc.array(blocks, { minLength: 1, maxLength: 3 }), fc.nat(1_000_000))
  .map(([drawn, seed]) => {
    const program = drawProgram(drawn.flat());
    return { program, evaluation: evaluateBy(program, seed) };
  });

function drawProgram(drawn: readonly Block[]): SagaProgram {
  const nodes: Record<string, TestNode> = {};
  const named = (name: string, node: TestNode): string => {
    const id = `${name}-${Object.keys(nodes).length}`;
    nodes[id] = node;
    return id;
  };
  const wireAll = (names: string, ways: readonly (readonly Block[])[], next: string | null) =>
    Object.fromEntries(ways.map((way, index) => [`${names}${index}`, wire(way, next)]));
  /** Draws blocks from the last to the first, as each has to know where it leads. */
  const wire = (way: readonly Block[], end: string | null): string | null =>
    way.reduceRight<string | null>((next, each): string | null => {
      switch (each.block) {
        case "step": {
          const { attempts, undo, pivot, into, endless, error } = each;
          const id = named("step", {
            to: { out: next, error: error && wire(error, next) },
            attempts,
            undoAttempts: undo ? attempts + 1 : 0,
            timeoutMs: endless ? Number.POSITIVE_INFINITY : 30_000,
            ...(pivot ? { pivot } : {}),
          });
          // Each puts its output into a field of its own.
          if (into) nodes[id] = { ...nodes[id], into: id };
          return id;
        }
        case "switch":
          return named("switch", { does: "pass", to: wireAll("way", each.ways, next) });
        case "fork": {
          const join = each.joins ? named("join", { does: "join", to: next }) : null;
          return named("fork", { does: "fork", to: wireAll("branch", each.ways, join) });
        }
        case "wait":
        case "approval": {
          const out = each.block === "wait" ? "out" : "approved";
          const to = each.wired ? { [out]: next, timeout: next, rejected: next } : { [out]: next };
          return named(each.block, { does: each.block, to, ...(each.within ? { withinMs: 90_000 } : {}) });
        }
        case "timer":
          return named("timer", { does: "timer", to: next });
        case "end":
          return named("end", { does: "end" });
        default:
          return next;
      }
    }, end);
  const first = wire(drawn, named("end", { does: "end" }));
  // The first of the nodes is where it begins.
  return makeProgram({ ...(first === null ? {} : { [first]: nodes[first]! }), ...nodes });
}

/** A number from 0 to 1 that is the same for the same words. */
export function draw(...words: (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of words.join("/")) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x2c1b3c6d) >>> 0) / 2 ** 32;
}

/** Says the same each time it is asked the same; fails at times. */
function evaluateBy(program: SagaProgram, seed: number): SagaEvaluation {
  const mayFail = (what: string, node: string) => {
    if (draw(seed, what, node) < 0.04) throw new BodyPathError(`\`${node}\` is none`);
  };
  return {
    pass(node, { body }) {
      mayFail("pass", node);
      const ports = Object.keys(program.nodes[node]!.targets);
      const port = ports[Math.floor(draw(seed, "port", node) * (ports.length + 0.15))] ?? null;
      return { port, body: draw(seed, "map", node) < 0.3 ? { ...(body as object), [node]: true } : body };
    },
    output(node, _scope, answer) {
      mayFail("output", node);
      return answer;
    },
    awaits(node, { key }) {
      mayFail("awaits", node);
      return `${key}/${node}`;
    },
    until(node, _scope, now) {
      mayFail("until", node);
      return now + (draw(seed, "until", node) - 0.3) * 100_000;
    },
  };
}
