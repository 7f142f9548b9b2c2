import fc from "fast-check";
import { expect, it } from "vitest";
import { kinds } from "./catalog";
import { checkFlow, hasErrors } from "./check";
import { portsOf } from "./configure";
import { diffFlows } from "./diff";
import { withoutDisabled } from "./disabled";
import { type FlowDocument, type FlowNode, flowFormat } from "./document";
import { canonicalFlow, formatFlow, parseFlow } from "./parse";
import { planOf } from "./plan";
import { semanticsOf } from "./semantics";

/** What JSON can say: it has no negative zero. */
const jsonValue = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));

const namesOf = (inSaga: boolean) =>
  kinds.filter((kind) => (kind.inSaga === "only") === inSaga).map((kind) => kind.kind);
const exampleOf = (name: string) => kinds.find((kind) => kind.kind === name)!.example.config as Record<string, unknown>;

/** A node of any kind: mostly as its example has it, at times with nonsense inside. */
const anyNode = fc.record({
  kind: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...namesOf(false)) },
    // Wired at random a saga hardly ever holds, and its flow with it; sagas that do are drawn in saga/machine.property.test.ts.
    { weight: 1, arbitrary: fc.constantFrom(...namesOf(true)) },
    { weight: 1, arbitrary: fc.constant("teleport") },
  ),
  broken: fc.integer({ min: 0, max: 19 }),
  extra: fc.dictionary(fc.constantFrom("when", "topic", "cases", "set", "colour"), jsonValue, { maxKeys: 2 }),
  retry: fc.option(
    fc.record({
      attempts: fc.integer({ min: 1, max: 100 }),
      backoff: fc.constantFrom("exponential" as const, "fixed" as const),
      delayMs: fc.integer({ min: 0, max: 1_000 }),
      maxDelayMs: fc.integer({ min: 500, max: 5_000 }),
    }),
    { nil: undefined },
  ),
  position: fc.option(fc.record({ x: fc.integer(), y: fc.integer() }), { nil: undefined }),
  title: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
  disabled: fc.option(fc.constantFrom("pass" as const, "drop" as const, "block" as const), { nil: undefined, freq: 4 }),
});

/** Any drawing: wires go forward mostly, so that many of them hold, and at times anywhere. */
const anyFlow: fc.Arbitrary<FlowDocument> = fc
  .tuple(
    fc.array(anyNode, { minLength: 0, maxLength: 8 }),
    fc.array(fc.tuple(fc.nat(7), fc.nat(7), fc.nat(4), fc.integer({ min: 0, max: 19 })), { maxLength: 14 }),
    fc.boolean(),
  )
  .map(([any, more, isTidy]) => {
    // A tidy one begins with a source, and each of its nodes is wired to the one before.
    const drawn = any.map((node, index) => (isTidy && index === 0 ? { ...node, kind: "generate-source" } : node));
    const chain = isTidy ? drawn.slice(1).map((_, index) => [index, index + 1, 0, 19] as const) : [];
    const wires = [...chain, ...more.slice(0, isTidy ? 2 : more.length)];
    const nodes = drawn.map(({ kind, broken, extra, retry, position, title, disabled }, index): FlowNode => {
      const config = kind === "teleport" ? {} : exampleOf(kind);
      return {
        id: `n${index}`,
        kind,
        config: broken === 0 ? { ...config, ...extra } : config,
        ...(retry === undefined ? {} : { retry }),
        ...(position === undefined ? {} : { position }),
        ...(title === undefined ? {} : { title }),
        ...(disabled === undefined ? {} : { disabled }),
      };
    });
    const edges = wires.flatMap(([a, b, port, wild]) => {
      const [from, to] = wild === 0 ? [nodes[a], nodes[b]] : [nodes[Math.min(a, b)], nodes[Math.max(a, b)]];
      if (!from || !to || (wild > 0 && (from === to || to.kind.endsWith("-source")))) return [];
      const { out } = portsOf(from);
      const name = wild === 1 ? "nowhere" : out[port % Math.max(1, out.length)];
      return [{ from: name === undefined || name === "out" ? from.id : `${from.id}.${name}`, to: to.id }];
    });
    return { format: flowFormat, name: "any", nodes, edges };
  });

it("any drawing either has errors or compiles to a plan", () => {
  let planned = 0;
  fc.assert(
    fc.property(anyFlow, (flow) => {
      const problems = checkFlow(flow);
      semanticsOf(flow);
      if (hasErrors(problems)) return;
      planned++;
      const [segment] = planOf(flow).segments;
      const position = new Map(segment?.stages.map((stage, index) => [stage.node, index]));
      for (const stage of segment?.stages ?? []) {
        for (const target of Object.values(stage.targets).flat()) {
          expect(position.get(target)).toBeGreaterThan(position.get(stage.node)!);
        }
      }
    }),
    { numRuns: 600 },
  );
  // The generator must make both: a property that only ever sees errors shows nothing.
  expect(planned).toBeGreaterThan(10);
});

it("a disabled node that passes on says of a flow what the flow without it says", () => {
  let passed = 0;
  fc.assert(
    fc.property(anyFlow, (flow) => {
      if (hasErrors(checkFlow(flow))) return;
      const without = withoutDisabled(flow);
      const disabled = flow.nodes.filter((node) => node.disabled).length;
      passed += disabled;
      const [said, saidWithout] = [semanticsOf(flow), semanticsOf(without)];
      expect(said.paths).toEqual(saidWithout.paths);
      expect(said.weakenings).toHaveLength(saidWithout.weakenings.length + disabled);
      // What is not disabled runs in both, and is led to alike.
      const [stages, left] = [flow, without].map(
        (each) => new Set(planOf(each).segments[0]!.stages.map(({ node }) => node)),
      );
      for (const node of left!) expect(stages).toContain(node);
    }),
    { numRuns: 300 },
  );
  expect(passed).toBeGreaterThan(10);
});

it("a flow file comes back from parse and format as it was", () => {
  fc.assert(
    fc.property(anyFlow, (flow) => {
      const text = formatFlow(flow);
      const parsed = parseFlow(text);
      expect(parsed.problems).toEqual([]);
      expect(parsed.flow).toEqual(JSON.parse(JSON.stringify(canonicalFlow(flow))));
      expect(formatFlow(parsed.flow!)).toBe(text);
      expect(diffFlows(flow, parsed.flow!).differs).toBe("nothing");
    }),
    { numRuns: 300 },
  );
});

it("anything at all is parsed or refused with problems", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string(), fc.anything()), (source) => {
      const { flow, problems } = parseFlow(source);
      expect(flow === undefined).toBe(problems.length > 0);
    }),
  );
});
