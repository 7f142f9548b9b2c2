import { expect, it, vi } from "vitest";
import { behaviourOf } from "@/flow/behaviours";
import type { SeenMessage } from "@/flow/control";
import type { FlowDocument } from "@/flow/document";
import { drawFlow } from "@/flow/testing/drawing";
import { silent } from "@/runtime/testing";
import { tryMessage } from "@/runtime/trial/try-message";
import { captureCases } from "./capture-cases";

const topic: SeenMessage[] = [];

/** In the place of a worker: the engine itself, and a topic in memory. */
vi.mock("../worker-client", () => ({
  findLivingWorkers: async () => [{ id: "w", address: "", label: null }],
  takeAnswer: (answer: unknown) => answer,
  askOneOf: async (_workers: unknown, _name: string, question: Parameters<typeof tryMessage>[1]) => {
    const house = {
      environment: "default",
      log: silent,
      behaviourOf,
      connection: () => expect.fail("nothing is called"),
    };
    return (await tryMessage(house, question)).trial;
  },
  askWorkerOrRefuse: async (_environment: string, _name: string, { limit }: { limit: number }) => ({
    messages: topic.slice(0, limit),
  }),
}));
vi.mock("../database", () => ({ database: () => ({}) }));
vi.mock("../audit", () => ({ recordAudit: () => expect.fail("nobody is called") }));

const actor = { environment: "default", me: { id: "1", name: "a", email: "a@example.com", role: "admin" as const } };

function seen(position: number, timestamp: number): SeenMessage {
  const value = `{"id":${position}}`;
  const rest = { key: null, headers: [], encoding: "text" as const, truncated: false };
  return { ...rest, value, lane: "orders/0", position: String(position), timestamp };
}

function drawing(set: Record<string, string>): FlowDocument {
  return drawFlow(
    [
      ["in", "kafka-source", { connection: "kafka", topic: "orders" }],
      ["make", "map", { set }],
      ["out", "kafka-sink", { connection: "kafka", topic: "out" }],
    ],
    "in>make",
    "make>out",
  );
}

it("makes a case of each message, oldest first; one whose outcome depends on the time keeps it", async () => {
  const at = Date.parse("2026-01-31T12:00:00Z");
  // What a broker stamps may be no time at all.
  topic.splice(0, topic.length, seen(2, at), seen(1, Number.MAX_SAFE_INTEGER));
  const ask = (document: FlowDocument) =>
    captureCases(actor, { document, at: "in", from: { last: 2 }, calls: "given" });
  const plain = await ask(drawing({ twice: "body.id * 2" }));
  expect(plain).toEqual({
    skipped: [],
    cases: [1, 2].map((id) => ({
      name: `Order ${id}`,
      at: "in",
      message: { body: { id } },
      expect: { out: [{ key: null, body: { id, twice: id * 2 } }] },
    })),
  });
  const timed = await ask(drawing({ at: "meta.timestamp" }));
  expect(timed.cases.map(({ now }) => now)).toEqual([expect.stringMatching(/^2\d{3}-/), "2026-01-31T12:00:00.000Z"]);
  expect(timed.cases[1]?.expect.out).toEqual([{ key: null, body: { id: 2, at } }]);
});

it("skips what came cut, and takes no more than a flow may have", async () => {
  topic.splice(0, topic.length, { ...seen(2, 0), truncated: true }, seen(1, 0));
  const tests = Array.from({ length: 200 }, (_, n) => ({ name: `c${n}`, at: "in", message: {}, expect: {} }));
  const document = { ...drawing({ a: "1" }), tests };
  const { cases, skipped } = await captureCases(actor, { document, at: "in", from: { last: 2 }, calls: "given" });
  expect(cases).toEqual([]);
  expect(skipped).toEqual([
    { what: "orders/0:2", words: "It is larger than 256 KB." },
    { what: "1 message", words: "A flow has at most 200 cases." },
  ]);
});
