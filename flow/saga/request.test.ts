import { describe, expect, it } from "vitest";
import { textOf } from "../testing/node-context";
import { drawSaga } from "../testing/sagas";
import type { SagaScope } from "./program";
import { compileCall, compileExit, keepForOf } from "./request";

const scope: SagaScope = {
  body: { id: "o-1", items: 2, big: 12345678901234567890n },
  key: "o-1",
  headers: { shop: "north" },
  meta: { saga: "s-1", startedAt: 1_000 },
};

const flowOf = (config: Record<string, unknown>, kind = "saga-step") => drawSaga([["s", kind, config]], "start>s");
const callOf = (call: Record<string, unknown>) => compileCall(flowOf({ action: call }), "s", "action")!;

describe("what a step sends", () => {
  it("by HTTP: the saga's data, or what it says", () => {
    const plain = callOf({ url: "/orders/${key}", headers: { "X-Shop": "${headers.shop}" } });
    const request = plain.render(scope);
    expect(request).toMatchObject({
      call: "http",
      method: "POST",
      url: "/orders/o-1",
      headers: { "x-shop": "north", "content-type": "application/json" },
    });
    expect(request.call === "http" && textOf(request.body)).toBe('{"id":"o-1","items":2,"big":12345678901234567890}');
    const form = callOf({
      url: "/a",
      body: "'a=' + key",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    const sent = form.render(scope);
    expect(sent.call === "http" && textOf(sent.body)).toBe("a=o-1");
  });

  it("by HTTP without a body: GET and DELETE", () => {
    expect(callOf({ url: "/a", method: "DELETE" }).render(scope)).toEqual({
      call: "http",
      method: "DELETE",
      url: "/a",
      headers: {},
      body: null,
    });
    expect(callOf({ url: "/a", method: "DELETE", body: "body.id" }).render(scope)).toMatchObject({
      body: expect.any(Uint8Array),
    });
  });

  it("by topic, with where the answer is expected", () => {
    const request = callOf({
      call: "topic",
      topic: "stock.${headers.shop}",
      replyTo: "answers",
      body: "{'items': body.items}",
    }).render(scope);
    expect(request).toMatchObject({ call: "topic", topic: "stock.north", headers: { "reply-to": "answers" } });
    expect(request.call === "topic" && [textOf(request.key), textOf(request.value)]).toEqual(["o-1", '{"items":2}']);
    const keyed = callOf({ call: "topic", topic: "t", key: "body.items", body: "null" }).render(scope);
    expect(keyed.call === "topic" && [textOf(keyed.key), keyed.value]).toEqual(["2", null]);
  });

  it("by queue", () => {
    const call = callOf({ call: "queue", queue: "stock", jobName: "reserve" });
    expect(call.connection).toBe("queue");
    expect(call.render(scope)).toEqual({
      call: "queue",
      queue: "stock",
      jobName: "reserve",
      headers: {},
      body: scope.body,
    });
  });

  it("of both sides, and nothing where there is none", () => {
    const flow = flowOf({ action: { url: "/do" }, compensation: { url: "/undo", connection: "stock" } });
    expect(compileCall(flow, "s", "compensation")).toMatchObject({ connection: "stock" });
    expect(compileCall(flow, "s", "compensation")!.render(scope)).toMatchObject({ url: "/undo" });
    expect(compileCall(flowOf({ action: { url: "/do" } }), "s", "compensation")).toBeNull();
    expect(compileCall(flowOf({ for: "1m" }, "saga-timer"), "s", "action")).toBeNull();
  });

  it("by another saga", () => {
    const plain = compileCall(flowOf({ flow: "shipping" }, "sub-saga"), "s", "action")!;
    expect(plain.render(scope)).toEqual({ call: "sub", flow: "shipping", key: "o-1", data: scope.body });
    const made = compileCall(
      flowOf({ flow: "shipping", key: "body.items", data: "{'a': 1}" }, "sub-saga"),
      "s",
      "compensation",
    )!;
    expect(made.render(scope)).toEqual({ call: "sub", flow: "shipping", key: "2", data: { a: 1 } });
  });

  it("fails with the field that it cannot make", () => {
    expect(() => callOf({ url: "/a/${body.none}" }).render(scope)).toThrow("`action.url`:");
    expect(() => callOf({ url: "/a", body: "body.none.x" }).render(scope)).toThrow("`action.body`:");
    expect(() => callOf({ url: "/a", headers: { a: "${'x\\r\\ny'}" } }).render(scope)).toThrow(
      "`action.headers.a`: it has a line break",
    );
    const empty = compileCall(flowOf({ flow: "shipping", key: "''" }, "sub-saga"), "s", "action")!;
    expect(() => empty.render(scope)).toThrow("`key`: It gives nothing");
  });

  it("says itself what counts as success and what as failed for good", () => {
    const plain = callOf({ url: "/a" });
    expect([plain.ok, plain.final]).toEqual([undefined, undefined]);
    const call = callOf({
      url: "/a",
      ok: "status == 200 && answer.done",
      final: "status == 422 || code == 'http-timeout'",
    });
    expect(call.ok!({ status: 200, answer: { done: true }, headers: {} })).toBe(true);
    expect(call.final!({ status: null, answer: null, code: "http-timeout" })).toBe(true);
    expect(call.final!({ status: 500, answer: null, code: "http-status" })).toBe(false);
  });
});

describe("what a saga says at its end", () => {
  it("is its data, or what the end says", () => {
    const flow = drawSaga(
      [
        ["a", "saga-end", { event: "{'order': key}" }],
        ["b", "saga-end"],
      ],
      "start>a",
    );
    expect(compileExit(flow, "a")(scope)).toEqual({ order: "o-1" });
    expect(compileExit(flow, "b")(scope)).toBe(scope.body);
    expect(compileExit(flow, "start")(scope)).toBe(scope.body);
  });

  it("is kept for a while", () => expect(keepForOf(drawSaga([], "start>a"), "start")).toBe(2_592_000_000));
});
