import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FlowDocument, flowFormat } from "@/flow/document";
import type { CasesRun } from "@/flow/trial";
import { createDesignerStore } from "../designer/store";
import { addCases } from "./edit-cases";
import { standingOf, startCaseRuns } from "./run-cases";

const flow: FlowDocument = { format: flowFormat, name: "orders", nodes: [], edges: [] };
const order = { name: "Order 1", at: "in", message: {}, expect: {} };
const tested = addCases(flow, [order]);
const passed: CasesRun = {
  results: [{ name: "Order 1", passed: true, differences: [], tookMs: 1 }],
  coverage: { nodes: [], ports: [] },
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("cases run when the page opens, and after a save that they depend on; never without a worker", async () => {
  const store = createDesignerStore({ document: tested, revision: 1 });
  const run = vi.fn(async () => passed);
  let living = false;
  const runs = startCaseRuns(store, run, () => living);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(run).not.toHaveBeenCalled();
  living = true;
  runs.wake();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(run).toHaveBeenCalledTimes(1);
  expect(standingOf(order, store.getState().cases).state).toBe("passed");

  const save = async (document: FlowDocument) => {
    store.getState().set({ savedDocument: document });
    await vi.advanceTimersByTimeAsync(1_000);
  };
  const note = { ...tested, title: "Another title" };
  store.getState().apply(note);
  await save(note);
  expect(run).toHaveBeenCalledTimes(1);
  const wired = { ...note, edges: [{ from: "a", to: "b" }] };
  store.getState().apply(wired);
  await save(wired);
  expect(run).toHaveBeenCalledTimes(2);
  runs.stop();
});

test("a case that was edited since is not run; one alone keeps the others' results; the last case takes the results with it", async () => {
  const both = addCases(tested, [{ ...order, name: "Order 2" }]);
  const store = createDesignerStore({ document: both, revision: 1 });
  const result = (name: string, tookMs: number) => ({ name, passed: true, differences: [], tookMs });
  const run = vi.fn(async ({ names }: { names?: string[] }) => ({
    results: (names ?? ["Order 1", "Order 2"]).map((name) => result(name, names ? 9 : 1)),
    coverage: { nodes: [], ports: [] },
  }));
  const runs = startCaseRuns(store, run, () => true);
  await runs.runNow();
  await runs.runNow("Order 2");
  expect(store.getState().cases.run?.results.map(({ tookMs }) => tookMs)).toEqual([1, 9]);
  expect(standingOf({ ...order, at: "other" }, store.getState().cases).state).toBe("not-run");
  store.getState().apply(flow);
  await runs.runNow();
  expect(store.getState().cases.run).toBeNull();
  runs.stop();
});
