import fc from "fast-check";
import { expect, test } from "vitest";
import type { NodeContext } from "../../flow/behaviour";
import { behaviourOf } from "../../flow/behaviours";
import { jsonCodec } from "../../flow/codecs/json";
import type { RunStep } from "../../flow/control";
import type { FlowDocument } from "../../flow/document";
import { Message } from "../../flow/message";
import { planOf } from "../../flow/plan";
import type { GivenAnswer } from "../../flow/test-case";
import { readTestMessage } from "../../flow/test-message";
import { done } from "../../flow/verdict";
import { Delivery } from "../delivery";
import type { Flight } from "../flight";
import { Pipeline } from "../pipeline";
import { drawRun } from "../run-record";
import { makeContext, silent } from "../testing";
import { tryMessage } from "./try-message";

/** Random flows of the catalog's own kinds: a trial gives what a running pipeline on ports in memory gives. */
const kinds = ["filter", "switch", "map", "broken", "split", "call", "log"] as const;
type KindName = (typeof kinds)[number];

const configs: Record<KindName, { kind: string; config: Record<string, unknown>; ports: readonly string[] }> = {
  filter: { kind: "filter", config: { when: "body.n % 2 == 0" }, ports: ["pass", "rest"] },
  switch: {
    kind: "switch",
    config: {
      cases: [
        { port: "a", when: "body.n > 3" },
        { port: "b", when: "body.n > 1" },
      ],
      mode: "all",
    },
    ports: ["a", "b", "otherwise"],
  },
  map: { kind: "map", config: { set: { n: "body.n + 1" } }, ports: ["out"] },
  broken: { kind: "map", config: { set: { n: "10 / (body.n - 2)" } }, ports: ["out"] },
  split: { kind: "split", config: { items: "has(body.list) ? body.list : [body]" }, ports: ["out"] },
  call: {
    kind: "http-request",
    config: { connection: "http", url: "http://x/${body.n}", into: "got" },
    ports: ["out"],
  },
  log: { kind: "log", config: {}, ports: ["out"] },
};
const sinks = 3;

interface Shape {
  readonly steps: readonly {
    readonly kind: KindName;
    readonly answer: GivenAnswer;
    readonly disabled: "pass" | "drop" | null;
    readonly leads: readonly number[];
  }[];
  readonly body: unknown;
}

const body = fc.record({ n: fc.integer({ min: 0, max: 5 }) });
const shapes = fc.record<Shape>({
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      answer: fc.constantFrom<GivenAnswer>({ body: { ok: true } }, { status: 404 }, { status: 500, text: "no" }),
      disabled: fc.oneof(
        { weight: 6, arbitrary: fc.constant(null) },
        fc.constantFrom("pass" as const, "drop" as const),
      ),
      // For each port of the node and the one for errors: how far it leads, with a second wire beside the longer ones.
      leads: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 4, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  body: fc.oneof(body, fc.record({ n: fc.integer({ min: 0, max: 5 }), list: fc.array(body, { maxLength: 3 }) })),
});

function draw({ steps }: Shape): FlowDocument {
  const edges: FlowDocument["edges"] = [{ from: "in", to: "n0" }];
  for (const [index, { kind, leads }] of steps.entries()) {
    for (const [at, port] of [...configs[kind].ports, "error"].entries()) {
      const lead = leads[at] ?? 0;
      if (lead === 0 || (port === "error" && lead > 2)) continue;
      const targets = [index + lead, ...(lead % 4 === 0 ? [index + 1] : [])];
      for (const to of new Set(targets.map((target) => (target < steps.length ? `n${target}` : `s${target % sinks}`))))
        edges.push({ from: `n${index}.${port}`, to });
    }
  }
  return {
    format: "millrace/flow@1",
    name: "random",
    nodes: [
      { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: "in" } },
      ...steps.map(({ kind, disabled }, index) => ({
        ...(disabled ? { disabled } : {}),
        id: `n${index}`,
        kind: configs[kind].kind,
        config: configs[kind].config,
        retry: { attempts: 3, backoff: "fixed" as const, delayMs: 1, maxDelayMs: 1 },
      })),
      ...Array.from({ length: sinks }, (_, index) => ({
        id: `s${index}`,
        kind: "kafka-sink",
        config: { connection: "kafka", topic: "out-${body.n}", key: "string(body.n)" },
      })),
    ],
    edges,
  };
}

interface Outcome {
  readonly written: Record<string, string[]>;
  readonly dead: string[];
  readonly steps: string[];
}

async function runInEarnest(document: FlowDocument, shape: Shape): Promise<Outcome> {
  const written: Record<string, string[]> = {};
  const dead: string[] = [];
  const ports = (node: string) => ({
    kafka: {
      produce: async (records: { topic: string; key: Uint8Array | null; value: Uint8Array | null }[]) =>
        records.map(({ topic, key, value }) => {
          written[node] = [...(written[node] ?? []), `${topic} ${text(key)} ${text(value)}`];
          return done;
        }),
    },
    http: {
      request: async () => {
        const { status = 200, ...given } = shape.steps[Number(node.slice(1))]!.answer;
        const { value } = readTestMessage(given);
        return {
          status,
          headers: { "content-type": "application/json" },
          body: value ?? new Uint8Array(),
          truncated: false,
        };
      },
    },
  });
  const pipeline = await Pipeline.open(
    {
      flowId: "random",
      flow: "random",
      environment: "default",
      version: 1,
      trace: { perSecond: 0 },
      delivery: "at-least-once",
      plan: planOf(document),
    },
    (kind) => behaviourOf(kind)!,
    (_, { node }): NodeContext => ({
      ...makeContext(node),
      flow: "random",
      groupName: "random",
      connection: (kind) => (ports(node) as Record<string, unknown>)[kind] as never,
    }),
  );
  const flights: Flight[] = [];
  const keep = async (letters: readonly { node: string; cause: { code: string }; attempts: number }[]) => {
    for (const { node, cause, attempts } of letters) dead.push(`${node} ${cause.code} ${attempts}`);
  };
  const delivery = new Delivery({ keep }, { observe: (flight) => flights.push(flight) }, silent);
  const meta = { source: "in", lane: "trial", position: "0", timestamp: 0, attempt: 1 };
  const message = new Message({ key: null, headers: [], value: jsonCodec.encode(shape.body), codec: jsonCodec, meta });
  await delivery.deliver(pipeline.begin("in", [message]));
  await pipeline.close();
  return { written, dead: dead.sort(), steps: drawRun(flights[0]!, 0).detail.steps.map(nameStep) };
}

async function runAsTrial(document: FlowDocument, shape: Shape): Promise<Outcome> {
  const answers = Object.fromEntries(shape.steps.map(({ answer }, index) => [`n${index}`, [answer]]));
  const { trial, seen } = await tryMessage(
    { environment: "default", log: silent, behaviourOf, connection: () => expect.fail("nothing is to be called") },
    { document, at: "in", message: { body: shape.body }, calls: "given", answers, now: new Date(0).toISOString() },
  );
  const written: Record<string, string[]> = {};
  const topics = new Map<string, string[]>();
  for (const effect of trial.effects) {
    if (effect.is !== "would-write") continue;
    const { node } = trial.detail.steps[effect.step]!;
    topics.set(node, [...(topics.get(node) ?? []), effect.to.replace("topic ", "")]);
  }
  for (const [node, list] of topics)
    written[node] = (seen.arrived.get(node) ?? []).map(
      ({ key, value }, index) => `${list[index]} ${text(key)} ${text(value)}`,
    );
  const dead = trial.detail.steps
    .filter(({ state }) => state === "dead")
    .map(({ node, cause, attempt }) => `${node} ${cause?.code} ${attempt}`);
  return { written, dead: dead.sort(), steps: trial.detail.steps.map(nameStep) };
}

function nameStep({ node, state, attempt, cause, out }: RunStep): string {
  return [node, state, attempt, cause?.code ?? "", ...out.map(({ port }) => port)].join(" ");
}

const text = (bytes: Uint8Array | null) => (bytes ? Buffer.from(bytes).toString() : "none");

test("a trial gives what the pipeline gives: the same writes, the same dead letters, the same steps", async () => {
  let written = 0;
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(shapes, async (shape) => {
      const document = draw(shape);
      const earnest = await runInEarnest(document, shape);
      expect(await runAsTrial(document, shape)).toEqual(earnest);
      written += Object.values(earnest.written).flat().length;
      failed += earnest.dead.length;
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 200) },
  );
  // The flows are no idle ones.
  expect(written).toBeGreaterThan(100);
  expect(failed).toBeGreaterThan(5);
}, 60_000);
