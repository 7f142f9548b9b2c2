import { describe, expect, it } from "vitest";
import { fillExample, guessAnswers, guessDataAt } from "./example-answers";

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
  it("have in the part that an output takes what others read of it", () =>
    expect(
      guessAnswers([
        step("charge", { output: "answer.charge", into: "payment", compensation: { url: "/${body.payment.id}" } }),
      ]),
    ).toEqual({ charge: { charge: { id: "charge-id" } } }));
  it("are records also where nothing is read, and of nodes alone that get some", () =>
    expect(
      guessAnswers([
        step("mail", {}),
        { id: "paid", kind: "saga-wait", config: { into: "payment" } },
        { id: "route", kind: "switch", config: { cases: [{ port: "big", when: "body.payment.amount > 10" }] } },
      ]),
    ).toEqual({ mail: {}, paid: { amount: 42 } }));
});

describe("an example message", () => {
  const start = { id: "begin", kind: "saga-start", config: { key: "body.id" } };
  const nodes = [
    step("reserve", {
      into: "stock",
      action: { body: "{'items': body.items, 'note': has(body.note) ? body.note : ''}" },
    }),
    step("charge", { action: { body: "{'of': body.stock.id, 'amount': body.total}" } }),
  ];
  it("gets what the saga reads of it and it lacks, but nothing that steps put in", () =>
    expect(fillExample({ id: "o-1", total: 7 }, start, nodes)).toEqual({
      body: { id: "o-1", total: 7, items: [{ sku: "A-1", quantity: 2 }] },
      guessed: ["items"],
    }));
  it("need have only what the start makes its data of, where it does", () =>
    expect(
      fillExample({}, { ...start, config: { key: "body.id", data: "{'total': body.price}" } }, nodes).guessed,
    ).toEqual(["id", "price"]));
  it("stays as it is when it is no record", () => expect(fillExample("text", start, nodes).body).toBe("text"));
});

it("data at a node has what the steps before it have put in", () => {
  const reserve = step("reserve", { into: "stock" });
  const charge = step("charge", { action: { url: "/pay/${body.stock.id}" } });
  expect(guessDataAt({ id: 1 }, [reserve], [reserve, charge])).toEqual({ id: 1, stock: { id: "reserve-id" } });
});

it("guesses by whole words: a seat is no time, a country no count", () => {
  const reserve = step("reserve", { into: "stock" });
  const charge = step("charge", {
    action: {
      body: "[body.stock.seat, body.stock.country, body.stock.itemCount, body.stock.created_at, body.stock.update]",
    },
  });
  expect(guessDataAt({}, [reserve], [reserve, charge])).toEqual({
    stock: {
      seat: "reserve-seat",
      country: "reserve-country",
      itemCount: 42,
      created_at: "2026-01-01T12:00:00Z",
      update: "reserve-update",
    },
  });
});
