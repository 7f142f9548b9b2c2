import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { OpenSource } from "../behaviour";
import { makeSourceContext, RecordedHandlers, textOf } from "../testing/node-context";
import { generateSource } from "./generate-source";
import { generateSourceBehaviour } from "./generate-source.behaviour";

let handlers: RecordedHandlers;
let source: OpenSource | undefined;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_763_856_000_000 });
  handlers = new RecordedHandlers();
});
afterEach(async () => {
  await source?.stop();
  vi.useRealTimers();
});

async function open(config: Record<string, unknown>, counter = 0n) {
  source = await generateSourceBehaviour.open(
    generateSource.config.parse(config),
    makeSourceContext({ counter }),
    handlers,
  );
  return source;
}

it.each([0.5, 5, 50, 1_000, 5_000])("makes %d a second, steadily", async (perSecond) => {
  await open({ perSecond, body: "n" });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(Math.abs(handlers.delivered.length - perSecond * 10)).toBeLessThanOrEqual(Math.max(1, perSecond * 0.03));
  expect(Math.max(...handlers.batches)).toBeLessThanOrEqual(Math.max(1, perSecond * 0.05));
});

it("counts from 1, ends at its count, and stays there", async () => {
  await open({ perSecond: 1000, count: 7, body: "{'id': 'o-' + n, 'at': now}", key: "body.id" });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(handlers.delivered.map((message) => message.meta.position)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  const [first] = handlers.delivered;
  expect(first?.body).toEqual({ id: "o-1", at: expect.stringMatching(/^2025-11-23T.*Z$/) });
  expect(textOf(first!.key)).toBe("o-1");
  expect(textOf(first!.value)).toBe(JSON.stringify(first!.body));
});

it("goes on behind the stored counter, and tells what is settled", async () => {
  const opened = await open({ perSecond: 1000, count: 12, body: "n" }, 10n);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(handlers.delivered.map((message) => message.body)).toEqual([11, 12]);
  expect(await opened.progress()).toEqual([{ lane: "generate", lag: 0, position: "10" }]);
  const [lane, epoch] = handlers.assignments[0]!;
  opened.settle(lane, epoch - 1, "11", "done");
  opened.settle(lane, epoch, "12", "done");
  expect(await opened.progress()).toEqual([{ lane: "generate", lag: 0, position: "12", ended: true }]);
});

it("waits while the flow is full, and does not make up for it in a burst", async () => {
  await open({ perSecond: 100, body: "n" });
  await vi.advanceTimersByTimeAsync(1_000);
  handlers.fill();
  await vi.advanceTimersByTimeAsync(1_000);
  const held = handlers.delivered.length;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(handlers.delivered.length).toBe(held);
  handlers.makeRoom();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(handlers.delivered.length - held).toBeLessThanOrEqual(110);
  expect(handlers.delivered.length - held).toBeGreaterThanOrEqual(90);
});

it("makes the same message of the same n again, but for the time", async () => {
  const config = { perSecond: 1000, count: 50, body: "{'r': random(), 'c': pick(['DE', 'FR', 'US']), 'k': random()}" };
  await open(config);
  await vi.advanceTimersByTimeAsync(1_000);
  const first = handlers.delivered.map((message) => message.body as { r: number; c: string; k: number });
  handlers = new RecordedHandlers();
  await source!.stop();
  await open(config);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(handlers.delivered.map((message) => message.body)).toEqual(first);
  expect(new Set(first.map(({ r }) => r)).size).toBe(50);
  expect(new Set(first.map(({ c }) => c))).toEqual(new Set(["DE", "FR", "US"]));
  expect(first.every(({ r, k }) => r >= 0 && r < 1 && r !== k)).toBe(true);
});

it("waits for a person when its expression fails, and says why", async () => {
  await open({ perSecond: 100, body: "n < 3 ? n : 1 / 0" });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(handlers.states.at(-1)).toMatchObject({ is: "halted", cause: { code: "expression-failed" } });
  expect(handlers.delivered.map((message) => message.body)).toEqual([1, 2]);
});

it("makes nothing after it was stopped", async () => {
  const opened = await open({ perSecond: 100, body: "n" });
  await vi.advanceTimersByTimeAsync(100);
  await opened.stop();
  const made = handlers.delivered.length;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(handlers.delivered.length).toBe(made);
});

it("is opened anew when anything of it changes", () => {
  const config = generateSource.config.parse({ body: "n" });
  expect(generateSourceBehaviour.once).toBe(true);
  expect(generateSourceBehaviour.identity(config)).not.toBe(
    generateSourceBehaviour.identity({ ...config, perSecond: 11 }),
  );
});
