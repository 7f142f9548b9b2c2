import { expect, it } from "vitest";
import { RecordedHolding } from "../testing/holding";
import { makeContext, makeMessage } from "../testing/node-context";
import { sagaWait } from "./saga-wait";
import { sagaWaitBehaviour } from "./saga-wait.behaviour";

async function arrive(config: Record<string, unknown>, message: ReturnType<typeof makeMessage>) {
  const holding = new RecordedHolding();
  const context = { ...makeContext(), holding, input: "event" };
  const sink = sagaWaitBehaviour.open(sagaWait.config.parse({ awaits: "key", ...config }), context);
  const [verdict] = await sink.write([message], { signal: new AbortController().signal, attempt: 1 });
  return { holding, verdict };
}

it("hands an event on by its value, or by its key", async () => {
  const message = makeMessage({ order: 17 }, { key: "k-1" });
  expect((await arrive({}, message)).holding.arrived).toEqual([
    { message, part: "", value: "k-1", keepMs: 86_400_000 },
  ]);
  const said = await arrive({ event: "body.order", keepEvents: "30s" }, message);
  expect(said.holding.arrived).toMatchObject([{ value: "17", keepMs: 30_000 }]);
});

it("refuses an event that has none", async () => {
  const { holding, verdict } = await arrive({ event: "body.order" }, makeMessage({ order: "" }));
  expect(verdict).toMatchObject({ verdict: "reject", cause: { code: "expression-failed" } });
  expect(holding.arrived).toEqual([]);
});
