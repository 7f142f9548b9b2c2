import { describe, expect, it } from "vitest";
import { guessAnswers } from "./example-answers";

const step = (id: string, config: Record<string, unknown>) => ({ id, kind: "saga-step", config });

describe("answers that are guessed", () => {
  it("have the fields that an output reads", () =>
    expect(
      guessAnswers([step("reserve", { output: "{'id': answer.reservation.id, 'cost': answer.total * 2}" })]),
    ).toEqual({ reserve: { reservation: { id: "reserve-id" }, total: 42 } }));
  it("have the fields that others read of what they put into the data", () =>
    expect(
      guessAnswers([
        step("reserve", {
          into: "stock",
          compensation: { url: "/reservations/${body.stock.id}" },
        }),
        step("charge", { action: { body: "{'at': body.stock.reservedAt, 'ok': body.stock.id.startsWith('r')}" } }),
      ]),
    ).toEqual({ reserve: { id: "reserve-id", reservedAt: "2026-01-01T12:00:00Z" }, charge: {} }));
  it("are records also where nothing is read, and of nodes alone that get some", () =>
    expect(
      guessAnswers([
        step("mail", {}),
        { id: "paid", kind: "saga-wait", config: { into: "payment" } },
        { id: "route", kind: "switch", config: { cases: [{ port: "big", when: "body.payment.amount > 10" }] } },
      ]),
    ).toEqual({ mail: {}, paid: { amount: 42 } }));
});
