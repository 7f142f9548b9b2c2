import { expect, test } from "vitest";
import { bytesCodec } from "../flow/codecs/bytes";
import { type Header, headerText, Message } from "../flow/message";
import { keepHeader } from "../flow/trace-context";
import { rejected } from "../flow/verdict";
import type { Pipeline } from "./pipeline";
import { Recorder } from "./recorder";
import { payloadLimitBytes, readPayload } from "./run-payloads";
import { drawRun, type RunRecord } from "./run-record";
import { collect, makeMessage, makeMessages, openDelivery, openPipeline, pass, silent } from "./testing";
import { readTrace } from "./trace";

const flow = (trace: { perSecond?: number; share?: number } | undefined, fails = false) => {
  const nodes = {
    in: { targets: { out: ["check"] } },
    check: { step: fails ? () => rejected("body-invalid", "No.") : pass(), targets: { out: ["sink"] } },
    sink: { sink: collect([]) },
  };
  return openPipeline(nodes, 1, trace);
};

async function record(
  pipeline: Pipeline,
  messages: Message[],
  store?: { write(runs: readonly RunRecord[]): Promise<void> },
) {
  const written: RunRecord[] = [];
  const recorder = new Recorder(store ?? { write: async (runs) => void written.push(...runs) }, silent);
  const { delivery, flights } = openDelivery();
  await delivery.deliver(pipeline.begin("in", messages));
  recorder.observe(flights[0]!);
  await recorder.close();
  return { written, recorder };
}

test("keeps ten of a burst by default, all failed ones, and what a person sent", async () => {
  expect((await record(await flow(undefined), makeMessages(100))).written).toHaveLength(10);
  expect((await record(await flow({ perSecond: 0 }), makeMessages(100))).written).toHaveLength(0);
  expect((await record(await flow({ share: 1 }), makeMessages(100))).written).toHaveLength(100);
  expect((await record(await flow({ perSecond: 0 }, true), makeMessages(100))).written).toHaveLength(100);
  const kept = makeMessage(1).with({ headers: [[keepHeader[0], new TextEncoder().encode(keepHeader[1])]] });
  expect((await record(await flow({ perSecond: 0 }), [makeMessage(0), kept])).written).toMatchObject([
    { position: "0", state: "done" },
  ]);
});

test("drops what it cannot hold or store, and counts it", async () => {
  const { written, recorder } = await record(await flow({ share: 1 }), makeMessages(2_500));
  expect(written).toHaveLength(2_000);
  expect(recorder.droppedOf("flow-1")).toBe(500);
  const away = { write: async () => Promise.reject(new Error("away")) };
  expect((await record(await flow({ share: 1 }), makeMessages(30), away)).recorder.droppedOf("flow-1")).toBe(30);
});

test("a run continues the trace that its message came with", async () => {
  const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const headers: Header[] = [["traceparent", new TextEncoder().encode(parent)]];
  const seen: Message[] = [];
  const pipeline = await openPipeline({
    in: { targets: { out: ["sink"] } },
    sink: {
      sink: async (messages) => {
        seen.push(...messages);
        return messages.map(() => ({ verdict: "done" }));
      },
    },
  });
  const { written } = await record(pipeline, [makeMessage(1).with({ headers }), makeMessage(2, "1")]);
  expect(written[0]).toMatchObject({ traceId: "0af7651916cd43dd8448eb211c80319c", parentSpan: "b7ad6b7169203331" });
  expect(written[1]!.parentSpan).toBeNull();
  // What leaves the flow names the run as its parent.
  expect(seen.map((message) => readTrace(message.headers)?.spanId)).toEqual(written.map((run) => run.spanId));
  expect(seen[0]!.headers.filter(([name]) => name === "traceparent")).toHaveLength(1);
});

test("what one flow picked is kept by the flows behind it, unless they keep failed runs only", async () => {
  const seen: Message[] = [];
  const sink = async (messages: readonly Message[]) => {
    seen.push(...messages);
    return messages.map(() => ({ verdict: "done" }) as const);
  };
  const first = await openPipeline({ in: { targets: { out: ["sink"] } }, sink: { sink } }, 1, { perSecond: 3 });
  const state = new TextEncoder().encode("other=1");
  const messages = makeMessages(50).map((message) => message.with({ headers: [["tracestate", state]] }));
  const picked = (await record(first, messages)).written.map((run) => run.traceId);
  expect(picked).toHaveLength(3);
  expect(headerText(seen[0]!.headers, "tracestate")).toBe("millrace=sample,other=1");
  expect(headerText(seen[49]!.headers, "tracestate")).toBe("other=1");
  const behind = (await record(await flow({ perSecond: 1 }), seen)).written.map((run) => run.traceId);
  expect(behind).toEqual(picked);
  expect((await record(await flow({ perSecond: 0 }), seen)).written).toHaveLength(0);
});

test("payloads are cut with a mark, bytes come as base64, a tombstone stays one", () => {
  const { meta } = makeMessage(0);
  const make = (value: Uint8Array | null) => new Message({ key: null, value, headers: [], codec: bytesCodec, meta });
  const long = readPayload(make(new TextEncoder().encode("ü".repeat(payloadLimitBytes))));
  expect(long).toMatchObject({ truncated: true, encoding: "text" });
  expect(long.value).toHaveLength(payloadLimitBytes / 2);
  expect(long.bytes).toBe(payloadLimitBytes * 2);
  // A cut in the middle of a character leaves the half of it out.
  expect(readPayload(make(new TextEncoder().encode("aüü")), 2)).toMatchObject({
    value: "a",
    encoding: "text",
    truncated: true,
  });
  expect(readPayload(make(new Uint8Array([0xff, 0xfe])))).toMatchObject({
    value: "//4=",
    encoding: "base64",
    truncated: false,
  });
  expect(readPayload(make(null))).toMatchObject({ value: null, truncated: false });
  expect(readPayload(make(new Uint8Array()))).toMatchObject({ value: "", truncated: false });
});

test("searchable values: the key and the body's plain fields", async () => {
  const message = makeMessage({ id: "o-1", price: 2.5, deep: { no: 1 }, long: "x".repeat(500) }).with({
    key: new TextEncoder().encode("k"),
  });
  const { written } = await record(await flow(undefined), [message]);
  expect(written[0]!.values).toEqual([
    ["key", "k"],
    ["body.id", "o-1"],
    ["body.price", "2.5"],
  ]);
});

test("searchable values: what the flow names, of failed runs too, as the message came from its source", async () => {
  const nodes = {
    in: { targets: { out: ["check"] } },
    check: { step: () => rejected("body-invalid", "No."), targets: { out: [] } },
  };
  const searchable = { order: "body.id", missing: "body.nothing" };
  const pipeline = await openPipeline(nodes, 1, { perSecond: 0 }, undefined, { searchable });
  const { written } = await record(pipeline, [makeMessage({ id: "o-1", price: 2 })]);
  expect(written[0]).toMatchObject({ state: "dead", values: [["order", "o-1"]] });
  expect(pipeline.searchables.missed).toEqual({ missing: 1 });
  const original = { key: null, value: new TextEncoder().encode('{"id":"o-2"}'), headers: [] };
  const place = { source: "in", lane: "l", position: "1", part: "0" };
  const again = pipeline.beginAgain("check", makeMessage({ changed: true }), {
    ...{ as: "letter" as const, id: "1", place, attempts: 1, original },
  });
  expect(drawRun(again, 0).values).toEqual([["order", "o-2"]]);
});

test("a payload tells when its key or headers are not as they were", () => {
  const message = (key: Uint8Array, headers: Header[] = []) => makeMessage(1).with({ key, headers });
  const text = new TextEncoder();
  expect(readPayload(message(text.encode("c-1"), [["a", text.encode("b")]]))).not.toHaveProperty("partial");
  const many = Array.from({ length: 51 }, (_, n): Header => [`h-${n}`, text.encode("x")]);
  for (const each of [
    message(new Uint8Array([0xff, 0, 1])),
    message(text.encode("k".repeat(1_025))),
    message(text.encode("k"), [["a", text.encode("x".repeat(1_025))]]),
    message(text.encode("k"), many),
  ])
    expect(readPayload(each)).toMatchObject({ partial: true });
  expect(readPayload(message(text.encode("k".repeat(3_000)), many))).toMatchObject({
    keyMark: { bytes: 3_000 },
    moreHeaders: 1,
  });
  const headers: Header[] = [
    ["a", text.encode("whole")],
    ["b", text.encode("x".repeat(2_000))],
    ["c", new Uint8Array([0xff])],
  ];
  expect(readPayload(message(text.encode("k"), headers)).headerMarks).toEqual({
    1: { bytes: 2_000 },
    2: { base64: true },
  });
});

test("a split into many: what is left out is told, and no step shows another's message", async () => {
  const split = (parts: number) =>
    openPipeline({
      in: { targets: { out: ["split"] } },
      split: {
        step: (message) => ({
          emit: Array.from({ length: parts }, (_, n) => ({ port: "out", message: message.withBody({ n }) })),
        }),
        targets: { out: ["check"] },
      },
      check: {
        step: (message) =>
          (message.body as { n: number }).n === parts - 1
            ? rejected("body-invalid", "No.")
            : { emit: [{ port: "out", message }] },
        targets: { out: ["sink"] },
      },
      sink: { sink: collect([]) },
    });
  const draw = async (parts: number) => {
    const { delivery, flights } = openDelivery();
    await delivery.deliver((await split(parts)).begin("in", [makeMessage({ all: true })]));
    return drawRun(flights[0]!, 0);
  };
  const { detail } = await draw(300);
  // What failed is kept beyond the others.
  expect(detail.payloads).toHaveLength(101);
  expect(detail.moreSteps).toBeUndefined();
  expect(detail.steps[1]).toMatchObject({ node: "split", moreOut: { out: 200 } });
  expect(detail.steps[1]!.out).toHaveLength(100);
  const checks = detail.steps.filter(({ node }) => node === "check");
  expect(checks.map((step) => step.in === null)).toEqual(checks.map((_, n) => n >= 99 && n < 299));
  expect(checks[299]).toMatchObject({ in: 100, state: "dead" });
  expect(checks[98]).toMatchObject({ in: 99 });
  expect(checks[99]).toMatchObject({ in: null, unkept: true, out: [{ port: "out", payload: null }] });
  const large = await draw(1_500);
  expect(large.detail.steps).toHaveLength(1_001);
  expect(large.detail.moreSteps).toBe(2 + 1_500 + 1_499 - 1_001);
  expect(large).toMatchObject({ state: "dead", errorNode: "check", error: "No." });
});
