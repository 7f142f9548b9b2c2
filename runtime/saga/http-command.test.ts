import { describe, expect, it } from "vitest";
import type { HttpAnswer, HttpUnreachable } from "../../flow/connection-ports";
import { compileExpression } from "../../flow/expression";
import type { SagaCall } from "../../flow/saga/request";
import { judgeAnswer } from "./http-command";
import { json } from "./testing/worker";

const plain: SagaCall = { call: "http", connection: "http", render: () => ({}) as never };

function judge(answer: HttpAnswer | HttpUnreachable, rules: Partial<SagaCall> = {}) {
  return judgeAnswer(answer, { ...plain, ...rules }, "charge");
}

const late: HttpUnreachable = { unreachable: { code: "http-timeout", message: "late" } };
const refused: HttpUnreachable = { unreachable: { code: "http-unreachable", message: "refused" }, sent: false };
const broken: HttpUnreachable = { unreachable: { code: "http-unreachable", message: "the connection broke" } };

describe("what an answer says of its command", () => {
  it.each([
    ["200", json(200, { id: 7 }), { ok: true, answer: { id: 7 } }],
    ["204", { ...json(204, ""), body: new Uint8Array() }, { ok: true, answer: null }],
    ["303, which says nothing of what was done", json(303, {}), { final: true, effect: "maybe" }],
    ["400", json(400, {}), { final: true, effect: "none" }],
    ["404", json(404, {}), { final: true, effect: "none" }],
    ["408", json(408, {}), { final: false, effect: "maybe" }],
    ["409, which may mean that it is being worked", json(409, {}), { final: true, effect: "maybe" }],
    ["425", json(425, {}), { final: false, effect: "none" }],
    ["429", json(429, {}, { "retry-after": "3" }), { final: false, effect: "none", retryAfterMs: 3_000, away: true }],
    ["500", json(500, {}), { final: false, effect: "maybe" }],
    ["503", json(503, {}), { final: false, effect: "none", away: true }],
    ["504", json(504, {}), { final: false, effect: "maybe" }],
    ["no answer in time", late, { final: false, effect: "maybe", cause: { code: "http-timeout" } }],
    ["a refused connection", refused, { final: false, effect: "none", away: true }],
    ["a broken connection", broken, { final: false, effect: "maybe" }],
    ["200, too large", { ...json(200, "x"), truncated: true }, { final: true, effect: "maybe" }],
    ["422, too large: it failed all the same", { ...json(422, "x"), truncated: true }, { final: true, effect: "none" }],
  ])("%s", (_, answer, expected) => {
    const result = judge(answer);
    expect(result).toMatchObject(expected);
    expect("away" in result).toBe("away" in expected);
  });

  const ok = (source: string): Partial<SagaCall> => {
    const expression = compileExpression(source, { variables: ["status", "answer", "headers"] });
    return { ok: (told) => expression.test({ ...told }) };
  };
  const final = (source: string): Partial<SagaCall> => {
    const expression = compileExpression(source, { variables: ["status", "answer", "code"] });
    return { final: (told) => expression.test({ ...told }) };
  };

  it("follows the step's own rule for success", () => {
    expect(judge(json(404, {}), ok("status == 404"))).toMatchObject({ ok: true });
    expect(judge(json(200, { accepted: false }), ok("answer.accepted"))).toMatchObject({
      ok: false,
      final: true,
      effect: "maybe",
      cause: { code: "http-answer-invalid" },
    });
    expect(judge(json(500, { accepted: false }), ok("answer.accepted"))).toMatchObject({
      final: false,
      effect: "maybe",
    });
    expect(judge(json(200, {}), ok("answer.nothing.here"))).toMatchObject({
      final: true,
      effect: "maybe",
      cause: { code: "expression-failed" },
    });
  });

  it("follows the step's own rule for what is for good", () => {
    expect(judge(json(500, { reason: "sold-out" }), final("answer.reason == 'sold-out'"))).toMatchObject({
      final: true,
      effect: "maybe",
    });
    expect(judge(json(422, { reason: "busy" }), final("answer.reason == 'sold-out'"))).toMatchObject({
      final: false,
      effect: "none",
    });
    expect(judge(late, final("code == 'http-timeout'"))).toMatchObject({ final: true, effect: "maybe" });
  });
});
