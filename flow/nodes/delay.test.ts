import { expect, it } from "vitest";
import type { BatchContext } from "../behaviour";
import { RecordedHolding } from "../testing/holding";
import { makeContext, makeMessage } from "../testing/node-context";
import { done } from "../verdict";
import { delay } from "./delay";
import { delayBehaviour } from "./delay.behaviour";

const batchContext: BatchContext = { signal: new AbortController().signal, attempt: 1 };

async function hold(config: Record<string, unknown>, body: unknown, batch: Partial<BatchContext> = {}) {
  const holding = new RecordedHolding();
  const context = { ...makeContext(), holding, now: () => 1_000 };
  const message = makeMessage(body);
  const [verdict] = await delayBehaviour
    .open(delay.config.parse(config), context)
    .write([message], { ...batchContext, ...batch });
  return { holding, message, verdict };
}

it("holds a message for a while, told apart by its way", async () => {
  const { holding, message, verdict } = await hold({ for: "15m" }, {}, { partOf: () => ".1.0" });
  expect(verdict).toBe(done);
  expect(holding.held).toEqual([{ message, part: ".1.0", port: "out", dueAt: 901_000 }]);
});

it("holds it until a time that it says, and with what it was when a step had changed it", async () => {
  const original = { key: null, value: null, headers: [] };
  const { holding } = await hold(
    { until: "timestamp(body.at)" },
    { at: "1970-01-01T00:00:05Z" },
    { originalOf: () => original },
  );
  expect(holding.held).toMatchObject([{ dueAt: 5_000, part: "", original }]);
});

it("refuses a message that says no time, naming the field", async () => {
  const { holding, verdict } = await hold({ until: "body.at" }, { at: "soon" });
  expect(verdict).toMatchObject({ verdict: "reject", cause: { code: "expression-failed" } });
  expect(JSON.stringify(verdict)).toContain("`until` of node `here`");
  expect(holding.held).toEqual([]);
});

it("takes a length or a time, not both and not none", () => {
  const problems = (config: object) => delay.check!(delay.config.parse(config)).map(({ code, field }) => [code, field]);
  expect(problems({ for: "1m" })).toEqual([]);
  expect(problems({ for: "1m", until: "body.at" })).toEqual([["config-field-invalid", "until"]]);
  expect(problems({})).toEqual([["config-field-missing", "for"]]);
});
