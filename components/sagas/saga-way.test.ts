import { describe, expect, it } from "vitest";
import { wayOfSaga } from "./saga-way";
import { base, doneStep, order, stateOf, visit } from "./testing";

const reserve = doneStep("reserve", base);
const charge = doneStep("charge", base + 20, { from: "reserve" });
const failed = visit("carrier", {
  from: "mail",
  state: "failed",
  at: base + 40,
  attempt: 3,
  attempts: [{ side: "action", number: 3, at: base + 40, cause: { code: "http-status", message: "409" } }],
});
const undo = (state: "working" | "done" | "stuck", attempt = 1) => ({ state, attempt, at: base + 60 });

describe("the way of a saga", () => {
  it("goes forward over what it came to", () => {
    const working = visit("charge", { from: "reserve", state: "working", at: base + 20 });
    const way = wayOfSaga(stateOf([reserve, working]), "begin", order);
    expect(Object.keys(way.nodes)).toEqual(["begin", "reserve", "charge", "orders"]);
    expect(way.nodes.charge).toMatchObject({ tone: "accent", word: "At work" });
    expect(way.edges).toEqual({
      "begin>reserve": { tone: "ok" },
      "reserve>charge": { tone: "ok" },
      "orders>begin": { tone: "ok" },
    });
  });
  it("shows both sides of a step, and what needs somebody first", () => {
    const stuck = { ...charge, undo: undo("stuck", 10) };
    const way = wayOfSaga(stateOf([reserve, stuck], { phase: "backward" }), "begin", order);
    expect(way.nodes.charge).toMatchObject({
      tone: "bad",
      word: "Done, undoing is stuck",
      sides: [
        { side: "action", tone: "ok", word: "Done" },
        { side: "compensation", tone: "bad", word: "Undoing is stuck, 10 attempts" },
      ],
    });
  });
  it("goes back as far as was taken back", () => {
    const mail = doneStep("mail", base + 30, { from: "charge" });
    const visits = [{ ...reserve, undo: undo("working") }, { ...charge, undo: undo("done") }, mail, failed];
    const way = wayOfSaga(stateOf(visits, { phase: "backward" }), "begin", order);
    const back = Object.entries(way.edges).flatMap(([name, edge]) => (edge.back ? [name] : []));
    expect(back).toEqual(["reserve>charge", "charge>mail", "mail>carrier"]);
    expect(way.nodes.carrier).toMatchObject({ tone: "bad", sides: [{ side: "action", word: "Failed, 3 attempts" }] });
  });
  it("ends where it began, with what it said to the outside", () => {
    const visits = [{ ...reserve, undo: undo("done") }, failed];
    const ended = stateOf(visits, { phase: "ended", outcome: "compensated", leaves: "begin", emitted: true });
    const way = wayOfSaga(ended, "begin", order);
    expect(way.edges["begin>reserve"]).toEqual({ tone: "ok", back: true });
    expect(way.edges["begin.compensated>undone"]).toEqual({ tone: "undo" });
    expect(way.nodes.begin).toEqual({ tone: "undo", word: "Compensated" });
  });
  it("takes the wire of the port that was left, and none back once it is complete", () => {
    const byError = { ...charge, port: "error", state: "failed" as const };
    const done = visit("done", { from: "charge", at: base + 50 });
    const ended = stateOf([reserve, byError, done], {
      phase: "ended",
      outcome: "completed",
      leaves: "done",
      emitted: true,
    });
    const way = wayOfSaga(ended, "begin", order);
    expect(way.edges["charge.error>done"]).toEqual({ tone: "bad" });
    expect(way.edges["charge>mail"]).toBeUndefined();
    expect(way.edges["done>placed"]).toEqual({ tone: "ok" });
    expect(Object.values(way.edges).some(({ back }) => back)).toBe(false);
  });
  it("takes every branch of a fork, and every wire into its join", () => {
    const drawn = {
      ...order,
      nodes: ["begin", "fork", "a", "b", "join"].map((id) => ({ id, kind: "saga-step", config: {} })),
      edges: [
        { from: "begin", to: "fork" },
        { from: "fork.one", to: "a" },
        { from: "fork.two", to: "b" },
        { from: "a", to: "join" },
        { from: "b", to: "join" },
      ],
    };
    const visits = [
      visit("fork"),
      visit("a", { from: "fork", port: "out" }),
      visit("b", { from: "fork", port: "out" }),
      visit("join", { from: "a", joined: ["b"], state: "waiting" }),
    ];
    expect(Object.keys(wayOfSaga(stateOf(visits), "begin", drawn).edges)).toHaveLength(5);
  });
});
