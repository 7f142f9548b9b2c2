import { expect, test } from "vitest";
import { done, rejected, retryMessage } from "../flow/verdict";
import { drawRun } from "./run-record";
import { makeMessage, openDelivery, openPipeline, pass } from "./testing";

test("a dead letter holds what went wrong before: earlier attempts, and the node whose error port led on", async () => {
  let attempts = 0;
  const pipeline = await openPipeline({
    in: { targets: { out: ["first"] } },
    first: {
      mode: "async",
      step: async () => retryMessage("http-status", "The endpoint answered 500."),
      targets: { out: [], error: ["mend"] },
    },
    mend: { step: pass(), targets: { out: ["second"] } },
    second: {
      mode: "async",
      step: async () => retryMessage("http-status", `The endpoint answered ${++attempts < 3 ? 502 : 422}.`),
      targets: { out: ["sink"] },
    },
    sink: { sink: async (messages) => messages.map(() => done) },
  });
  const opened = openDelivery();
  await opened.delivery.deliver(pipeline.begin("in", [makeMessage({ id: 1 })]));
  expect(opened.letters).toHaveLength(1);
  expect(opened.letters[0]).toMatchObject({ node: "second", cause: { message: "The endpoint answered 422." } });
  expect(opened.letters[0]!.causes).toEqual([
    { node: "first", code: "http-status", message: "The endpoint answered 500.", times: 3 },
    { node: "second", code: "http-status", message: "The endpoint answered 502.", times: 2 },
  ]);
  expect(drawRun(opened.flights[0]!, 0).detail.steps.at(-1)!.causes).toEqual(opened.letters[0]!.causes);
});

test("the same cause at each attempt is no chain, and neither is a single failure", async () => {
  for (const failure of [
    retryMessage("http-status", "The endpoint answered 500."),
    rejected("body-invalid", "No id."),
  ]) {
    const pipeline = await openPipeline({
      in: { targets: { out: ["call"] } },
      call: { mode: "async", step: async () => failure, targets: { out: [] } },
    });
    const opened = openDelivery();
    await opened.delivery.deliver(pipeline.begin("in", [makeMessage({ id: 1 })]));
    expect(opened.letters.map(({ causes }) => causes)).toEqual([[]]);
  }
});
