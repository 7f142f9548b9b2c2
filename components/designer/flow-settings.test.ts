import { expect, it } from "vitest";
import { type FlowDocument, flowSchema } from "@/flow/document";
import { readFlowSettings, refuseLetters, refuseWorkerLabel, writeFlowSettings } from "./flow-settings";
import { refuseDays, refuseKept, refuseMasked, refuseSearchable, refuseWhen } from "./recording-checks";
import { createDesignerStore } from "./store";

const flow: FlowDocument = { format: "millrace/flow@1", name: "orders", nodes: [], edges: [] };
const keeping = (trace: { perSecond?: number; share?: number }): FlowDocument => ({ ...flow, settings: { trace } });
const traceAfter = (change: object, before = flow) =>
  writeFlowSettings(before, { ...readFlowSettings(before), ...change }).settings?.trace;

it("reads what is kept as the worker does", () => {
  expect(readFlowSettings(flow)).toMatchObject({ keep: "rate", perSecond: "10" });
  expect(readFlowSettings(keeping({ perSecond: 0 })).keep).toBe("failed");
  expect(readFlowSettings(keeping({ share: 0 })).keep).toBe("failed");
  expect(readFlowSettings(keeping({ share: 0.07 }))).toMatchObject({ keep: "share", percent: "7" });
  expect(readFlowSettings(keeping({ share: 1, perSecond: 5 })).keep).toBe("all");
});

it("writes one of the two numbers", () => {
  expect(traceAfter({ keep: "failed" })).toEqual({ perSecond: 0 });
  expect(traceAfter({ keep: "all" }, keeping({ perSecond: 3 }))).toEqual({ share: 1 });
  expect(traceAfter({ keep: "share", percent: "7" })).toEqual({ share: 0.07 });
  expect(traceAfter({ perSecond: "0.5" })).toEqual({ perSecond: 0.5 });
});

it("writes how long runs are kept, a whole number of days, or nothing", () => {
  const settings = { ...readFlowSettings(flow), days: " 30 " };
  const written = writeFlowSettings(flow, settings);
  expect(written.settings).toEqual({ recording: { days: 30 } });
  expect(readFlowSettings(written).days).toBe("30");
  expect(writeFlowSettings(written, { ...readFlowSettings(written), days: "" })).toEqual(flow);
  const refused = ["0", "401", "1.5", "x"].filter((days) => refuseDays({ ...settings, days }) !== null);
  expect(refused).toHaveLength(4);
  expect(flowSchema.safeParse({ ...flow, settings: { recording: { days: 401 } } }).success).toBe(false);
});

it("leaves the document alone where nothing differs, and out what is empty", () => {
  const both = { ...keeping({ share: 0.07 }), title: "Orders", description: "All of them" };
  expect(writeFlowSettings(both, readFlowSettings(both))).toBe(both);
  expect(writeFlowSettings(flow, readFlowSettings(flow))).toBe(flow);
  const without = writeFlowSettings(both, { ...readFlowSettings(both), title: " ", description: "" });
  expect(without).toEqual(keeping({ share: 0.07 }));
  expect(flowSchema.safeParse(without).success).toBe(true);
});

it("asks for exactly once, and takes it back without a trace", () => {
  const asked = writeFlowSettings(flow, { ...readFlowSettings(flow), delivery: "exactly-once" });
  expect(asked.settings).toEqual({ delivery: "exactly-once" });
  expect(readFlowSettings(asked).delivery).toBe("exactly-once");
  expect(writeFlowSettings(asked, { ...readFlowSettings(asked), delivery: "at-least-once" })).toEqual(flow);
});

it("writes the label of the workers beside what else is set, and takes it away", () => {
  const labelled = writeFlowSettings(keeping({ perSecond: 3 }), {
    ...readFlowSettings(keeping({ perSecond: 3 })),
    workers: " heavy ",
  });
  expect(labelled.settings).toEqual({ trace: { perSecond: 3 }, workers: "heavy" });
  expect(writeFlowSettings(labelled, readFlowSettings(labelled))).toBe(labelled);
  const without = writeFlowSettings(labelled, { ...readFlowSettings(labelled), workers: "" });
  expect(without.settings).toEqual({ trace: { perSecond: 3 } });
  const alone = { ...flow, settings: { workers: "heavy" } };
  expect(writeFlowSettings(alone, { ...readFlowSettings(alone), workers: "" })).toEqual(flow);
});

it("refuses labels that are none", () => {
  const settings = readFlowSettings(flow);
  for (const workers of ["", "heavy", " a-1 "]) expect(refuseWorkerLabel({ ...settings, workers })).toBeNull();
  for (const workers of ["Heavy", "two words", "x".repeat(41)]) {
    expect(refuseWorkerLabel({ ...settings, workers })).not.toBeNull();
  }
});

it("writes where the flow holds, and takes it out again", () => {
  const before = keeping({ share: 0.5 });
  const written = writeFlowSettings(before, { ...readFlowSettings(before), holdingConnection: "queue" });
  expect(written.settings).toEqual({ trace: { share: 0.5 }, holding: { connection: "queue" } });
  expect(flowSchema.safeParse(written).success).toBe(true);
  expect(writeFlowSettings(written, readFlowSettings(written))).toBe(written);
  expect(writeFlowSettings(written, { ...readFlowSettings(written), holdingConnection: "" })).toEqual(before);
});

it("writes where dead letters go, too, and takes it out again", () => {
  const before = keeping({ share: 0.5 });
  const letters = { lettersConnection: "kafka", lettersTo: " orders.dead " };
  const written = writeFlowSettings(before, { ...readFlowSettings(before), ...letters });
  expect(written.settings).toEqual({ trace: { share: 0.5 }, deadLetters: { connection: "kafka", to: "orders.dead" } });
  expect(flowSchema.safeParse(written).success).toBe(true);
  expect(writeFlowSettings(written, readFlowSettings(written))).toBe(written);
  const none = { lettersConnection: "" };
  expect(writeFlowSettings(written, { ...readFlowSettings(written), ...none })).toEqual(before);
  const only = writeFlowSettings(flow, { ...readFlowSettings(flow), ...letters });
  expect(writeFlowSettings(only, { ...readFlowSettings(only), ...none })).toEqual(flow);
  expect(refuseLetters({ ...readFlowSettings(flow), lettersConnection: "kafka" })).not.toBeNull();
  expect(refuseLetters(readFlowSettings(flow))).toBeNull();
});

it("refuses numbers that are none", () => {
  const settings = readFlowSettings(flow);
  expect(refuseKept(settings)).toBeNull();
  for (const perSecond of ["", "0", "-1", "1001", "x"]) {
    expect(refuseKept({ ...settings, perSecond })).toBe("A number above 0, at most 1000.");
  }
  expect(refuseKept({ ...settings, keep: "share", percent: "101" })).not.toBeNull();
  expect(refuseKept({ ...settings, keep: "all", perSecond: "" })).toBeNull();
});

it("is one step that undo takes back and autosave saves", () => {
  const store = createDesignerStore({ document: flow, revision: 1 });
  store.getState().apply(writeFlowSettings(flow, { ...readFlowSettings(flow), title: "Orders", keep: "all" }));
  expect(store.getState().save).toEqual({ is: "waiting" });
  expect(store.getState().document).toMatchObject({ title: "Orders", settings: { trace: { share: 1 } } });
  store.getState().undo();
  expect(store.getState().document).toBe(flow);
});

it("writes what is recorded beside what is kept, without rows that are empty", () => {
  const change = {
    when: " body.total > 10 ",
    searchable: [
      { name: " order ", expression: "body.id" },
      { name: "", expression: "" },
    ],
    masked: [
      { path: "body.card", below: "operator" as const },
      { path: " ", below: "admin" as const },
    ],
  };
  const written = writeFlowSettings(flow, { ...readFlowSettings(flow), ...change });
  expect(written.settings).toEqual({
    trace: { perSecond: 10, when: "body.total > 10" },
    searchable: { order: "body.id" },
    masked: [{ path: "body.card", below: "operator" }],
  });
  expect(flowSchema.safeParse(written).success).toBe(true);
  expect(writeFlowSettings(written, readFlowSettings(written))).toBe(written);
  const without = { ...readFlowSettings(written), when: "", searchable: [], masked: [] };
  expect(writeFlowSettings(written, without).settings).toEqual({ trace: { perSecond: 10 } });
});

it("says what is wrong with what is recorded, at its row", () => {
  const settings = {
    ...readFlowSettings(flow),
    when: "body.id",
    searchable: [
      { name: "order", expression: "body.id" },
      { name: "order", expression: "body.id" },
      { name: "a b", expression: "body.id" },
      { name: "x", expression: "bdy.id" },
      { name: "", expression: "" },
    ],
    masked: [
      { path: "card", below: "admin" as const },
      { path: "body.card", below: "admin" as const },
    ],
  };
  expect(refuseWhen({ ...settings, when: "'x'" })).toContain("True or false");
  expect(settings.searchable.map((_, index) => refuseSearchable(settings, index))).toEqual([
    null,
    "The name stands twice.",
    expect.stringContaining("A name"),
    expect.stringContaining("`bdy` is not known"),
    null,
  ]);
  expect(settings.masked.map((_, index) => refuseMasked(settings, index))).toEqual([
    expect.stringContaining("A path"),
    null,
  ]);
});
