import { expect, it } from "vitest";
import { RecordedHolding } from "../testing/holding";
import { makeContext, makeMessage } from "../testing/node-context";
import { done } from "../verdict";
import { wait } from "./wait";
import { waitBehaviour } from "./wait.behaviour";

async function write(input: string, config: Record<string, unknown>, ...batch: ReturnType<typeof makeMessage>[]) {
  const holding = new RecordedHolding();
  const context = { ...makeContext(), holding, input, now: () => 1_000 };
  const sink = waitBehaviour.open(wait.config.parse(config), context);
  const verdicts = await sink.write(batch, { signal: new AbortController().signal, attempt: 1 });
  return { holding, verdicts };
}

it("holds a message until the event with its value comes, or it is too late", async () => {
  const message = makeMessage({ id: 17 });
  const { holding } = await write("in", { awaits: "body.id", within: "1m", into: "paid.by" }, message);
  expect(holding.held).toEqual([
    { message, part: "", awaits: "17", port: "timeout", dueAt: 61_000, into: ["paid", "by"] },
  ]);
});

it("hands an event on by its value, or by its key", async () => {
  const message = makeMessage({ order: "o-1" }, { key: "k-1" });
  const keyed = await write("event", { awaits: "body.id" }, message);
  expect(keyed.holding.released).toEqual([{ message, part: "", value: "k-1", keepMs: 86_400_000 }]);
  const said = await write("event", { awaits: "body.id", event: "body.order", keepEvents: "5m" }, message);
  expect(said.holding.released).toMatchObject([{ value: "o-1", keepMs: 300_000 }]);
});

it("refuses what has no value, and leaves the others alone", async () => {
  const { holding, verdicts } = await write(
    "in",
    { awaits: "body.id" },
    makeMessage({ id: null }),
    makeMessage({ id: "o-1" }),
  );
  expect(verdicts).toMatchObject([{ verdict: "reject", cause: { code: "expression-failed" } }, done]);
  expect(holding.held).toHaveLength(1);
  const keyless = await write("event", { awaits: "body.id" }, makeMessage({}));
  expect(keyless.verdicts).toMatchObject([{ verdict: "reject", cause: { code: "body-invalid" } }]);
  expect(JSON.stringify(keyless.verdicts)).toContain("set its `event`");
});
