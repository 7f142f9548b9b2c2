import { describe, expect, it } from "vitest";
import { checkResult, chooseFitting, planUndo, reportActed } from "./saga-acts";
import { base, doneStep, order, stateOf, summary, visit } from "./testing";

describe("what cancelling would undo", () => {
  it("goes backwards, and says what is awaited and what stays", () => {
    const visits = [
      doneStep("reserve", base),
      visit("charge", { state: "failed", effect: "maybe", port: "error" }),
      doneStep("mail", base + 20),
      visit("carrier", { state: "working", effect: "maybe" }),
    ];
    expect(planUndo(stateOf(visits), order)).toEqual({
      undone: ["charge", "reserve"],
      awaited: ["carrier"],
      stay: ["mail"],
    });
  });
  it("leaves out what surely did nothing, and what is undone already", () => {
    const undone = doneStep("reserve", base, { undo: { state: "done", attempt: 1, at: base } });
    const visits = [undone, visit("charge", { state: "retrying" }), visit("done")];
    expect(planUndo(stateOf(visits), order)).toEqual({ undone: [], awaited: [], stay: [] });
  });
});

describe("acting on many", () => {
  it("knows which an action can fit", () => {
    const ended = summary("d", 4, { status: "completed", endedAt: new Date() });
    const sagas = [
      summary("a", 1),
      summary("b", 2, { status: "asking" }),
      summary("c", 3, { status: "compensating" }),
      ended,
    ];
    const ids = (action: Parameters<typeof chooseFitting>[1]) => chooseFitting(sagas, action).map(({ id }) => id);
    expect([ids("retry"), ids("cancel"), ids("approve")]).toEqual([["b", "c"], ["a", "b"], ["b"]]);
  });
  it("says what became of it, refusals together", () => {
    const refusal = { ok: false as const, code: "saga-act-unfit", message: "No step of it is stuck." };
    const report = reportActed("retry", [
      { id: "a", ok: true, status: "running", nodes: ["charge"] },
      { id: "b", ...refusal, code: "flow-not-running", message: "No worker runs it." },
      { id: "c", ...refusal },
      { id: "d", ...refusal },
    ]);
    expect(report.done).toBe("1 saga retried");
    expect(report.refused.map(({ message, ids }) => [message, ids])).toEqual([
      ["No step of it is stuck.", ["c", "d"]],
      ["No worker runs it.", ["b"]],
    ]);
  });
});

describe("a result", () => {
  it("is JSON, or nothing", () => {
    expect(["", "null", '{"a": 1}', '"text"'].map(checkResult)).toEqual([null, null, null, null]);
    expect(checkResult("text")).toContain("double quotes");
  });
});
