import { describe, expect, it } from "vitest";
import { ExpressionError } from "../expression";
import type { DrawnNode } from "../testing/drawing";
import { drawSaga } from "../testing/sagas";
import { makeEvaluation, renderQuestion, scopeOfSaga } from "./evaluate";
import type { SagaScope } from "./program";

const end: DrawnNode = ["end", "saga-end"];
const scope = (body: unknown, key = "o-1"): SagaScope => ({
  body,
  key,
  headers: { shop: "north" },
  meta: { saga: "s-1", startedAt: 1_000 },
});

function evaluate(...node: DrawnNode) {
  const [id] = node;
  return makeEvaluation(drawSaga([node, end], `start>${id}`, `${id}>end`), "start");
}

describe("what expressions of a saga say", () => {
  it("a switch, a filter and a map, as outside of sagas", () => {
    const route = evaluate("route", "switch", { cases: [{ port: "big", when: "body.total > 10" }] });
    expect(route.pass("route", scope({ total: 11 }))).toEqual({ port: "big", body: { total: 11 } });
    expect(route.pass("route", scope({ total: 1 })).port).toBe("otherwise");
    const filter = evaluate("f", "filter", { when: "headers.shop == 'north'" });
    expect(filter.pass("f", scope({})).port).toBe("pass");
    const map = evaluate("m", "map", { set: { "a.b": "key", saga: "meta.saga" } });
    expect(map.pass("m", scope({ x: 1 }))).toEqual({ port: "out", body: { x: 1, a: { b: "o-1" }, saga: "s-1" } });
    expect(evaluate("m", "map", { value: "body.x" }).pass("m", scope({ x: 1 }))).toEqual({ port: "out", body: 1 });
  });

  it("the output of a step: of the answer and the data, or the answer itself", () => {
    const plain = evaluate("s", "saga-step", { action: { url: "/a" } });
    expect(plain.output("s", scope({}), { id: 7 })).toEqual({ id: 7 });
    expect(plain.output("s", scope({}), undefined)).toBeNull();
    const made = evaluate("s", "saga-step", { action: { url: "/a" }, output: "answer.id + '-' + key" });
    expect(made.output("s", scope({}), { id: 7 })).toBe("7-o-1");
    const none = evaluate("s", "saga-step", { action: { url: "/a" }, output: "answer.id == 7 ? null : answer" });
    expect(none.output("s", scope({}), { id: 7 })).toBeNull();
  });

  it("what a wait awaits, as text", () => {
    const wait = evaluate("w", "saga-wait", { awaits: "body.id" });
    expect(wait.awaits("w", scope({ id: 17 }))).toBe("17");
    expect(() => wait.awaits("w", scope({ id: "" }))).toThrow("`awaits`: It gives nothing");
    expect(() => wait.awaits("w", scope({ id: [] }))).toThrow("`awaits`: Text or a number");
  });

  it("until when a timer runs", () => {
    expect(evaluate("t", "saga-timer", { for: "2m" }).until("t", scope({}), 500)).toBe(120_500);
    const until = evaluate("t", "saga-timer", { until: "body.at" });
    expect(until.until("t", scope({ at: "2027-01-31T08:00:00Z" }), 0)).toBe(Date.UTC(2027, 0, 31, 8));
    expect(until.until("t", scope({ at: 12.4 }), 0)).toBe(12);
    const typed = evaluate("t", "saga-timer", { until: "timestamp('2027-01-31T08:00:00Z')" });
    expect(typed.until("t", scope({}), 0)).toBe(Date.UTC(2027, 0, 31, 8));
    for (const at of ["soon", null, -1, 1e18, true])
      expect(() => until.until("t", scope({ at }), 0)).toThrow(ExpressionError);
  });

  it("whether the event of an end can be made", () => {
    const flow = drawSaga([["end", "saga-end", { event: "{'total': body.total}" }]], "start>end");
    const { end: look } = makeEvaluation(flow, "start");
    expect(() => look!("end", scope({ total: 1 }))).not.toThrow();
    expect(() => look!("end", scope({}))).toThrow("`event`:");
  });

  it("an error names its field", () => {
    const map = evaluate("m", "map", { set: { "a.b": "key" } });
    expect(() => map.pass("m", scope({ a: "text" }))).toThrow("`set.a.b`:");
    const route = evaluate("route", "switch", { cases: [{ port: "big", when: "body.total > 10" }] });
    expect(() => route.pass("route", scope({}))).toThrow("`cases.0.when`:");
  });

  it("the question of an approval, as it was written where it cannot be made", () => {
    const config = { question: "Ship ${key} for ${body.total}?", role: "operator" } as const;
    expect(renderQuestion(config, scope({ total: 5 }))).toBe("Ship o-1 for 5?");
    expect(renderQuestion(config, scope({}))).toBe(config.question);
  });

  it("over the saga as it stands", () => {
    const state = { id: "s-1", key: "o-1", startedAt: 1_000, body: { a: 1 }, headers: {} } as never;
    expect(scopeOfSaga(state)).toEqual({
      body: { a: 1 },
      key: "o-1",
      headers: {},
      meta: { saga: "s-1", startedAt: 1_000 },
    });
  });

  it("is of a saga that is there", () => {
    expect(() => makeEvaluation(drawSaga([end], "start>end"), "other")).toThrow("no saga that begins at `other`");
  });
});
