import { describe, expect, it } from "vitest";
import { Shop } from "./shop";

const order = { order: "o-1", pieces: 2, amount: 19.99 };

function ask(shop: Shop, path: string, key: string, body: object = order) {
  const { answer, afterMs, againTo } = shop.perform({ path, key, body });
  return { status: answer.status, body: answer.body, afterMs, againTo };
}

describe("the shop", () => {
  it("does each thing once for a key, and answers the same again", () => {
    const shop = new Shop();
    const first = ask(shop, "stock/reserve", "s.reserve");
    expect(first).toMatchObject({ status: 200, body: { order: "o-1", reserved: true, pieces: 2, receipt: "r-1" } });
    expect(ask(shop, "stock/reserve", "s.reserve")).toEqual(first);
    expect(ask(shop, "card/charge", "s.charge").body).toMatchObject({ charged: true, cents: 1999 });
    expect(ask(shop, "carrier/book", "s.book").status).toBe(200);
    expect(shop.readBooks()).toMatchObject({
      stock: { reserved: 1, released: 0, standing: 1, pieces: 2, repeated: 1 },
      card: { charged: 1, standing: 1, cents: 1999 },
      carrier: { booked: 1, standing: 1, parcels: 1 },
      orders: 1,
      uneven: 0,
    });
    expect(ask(shop, "stock/reserve", "t.reserve").body).toMatchObject({ receipt: "r-2" });
    expect(shop.readBooks()).toMatchObject({ uneven: 1, unevenOrders: { "o-1": { stock: 2 } } });
  });

  it("undoes what it did once, and knows that again", () => {
    const shop = new Shop();
    ask(shop, "card/charge", "s.charge");
    const undone = ask(shop, "card/refund", "s.charge.undo");
    expect(undone).toMatchObject({ status: 200, body: { order: "o-1", refunded: true } });
    expect(ask(shop, "card/refund", "s.charge.undo")).toEqual(undone);
    // The answer to the action was lost and it comes once more: the same answer, no second effect.
    expect(ask(shop, "card/charge", "s.charge").status).toBe(200);
    expect(shop.readBooks()).toMatchObject({ card: { charged: 1, refunded: 1, standing: 0, cents: 0, repeated: 2 } });
  });

  it("takes back what it never did, remembers that, and refuses the action that comes after", () => {
    const shop = new Shop();
    expect(ask(shop, "stock/release", "s.reserve.undo")).toMatchObject({ status: 200, body: { released: false } });
    expect(ask(shop, "stock/reserve", "s.reserve")).toMatchObject({
      status: 409,
      body: { error: "This was released before it came." },
    });
    expect(ask(shop, "stock/release", "s.reserve.undo").status).toBe(200);
    expect(shop.readBooks()).toMatchObject({
      stock: { reserved: 0, released: 0, pieces: 0, refusedLate: 1, nothingToUndo: 1, repeated: 1 },
    });
  });

  it("has the troubles that an order asks for", () => {
    const shop = new Shop();
    const troubled = (trouble: string) => ({ ...order, trouble });
    const statuses = (path: string, trouble: string, key = trouble) =>
      [1, 2, 3].map(() => ask(shop, path, key, troubled(trouble)).status);
    expect(statuses("card/charge", "card:refuse")).toEqual([422, 422, 422]);
    expect(statuses("card/charge", "stock:refuse carrier:broken")).toEqual([200, 200, 200]);
    expect(statuses("card/charge", "card:broken")).toEqual([500, 500, 500]);
    expect(statuses("card/charge", "card:fail")).toEqual([500, 200, 200]);
    expect(statuses("card/refund", "card:undo-fail", "card:fail.undo")).toEqual([500, 200, 200]);
    const before = shop.readBooks().card as { charged: number };
    expect(statuses("card/charge", "card:lost")).toEqual([500, 200, 200]);
    expect(shop.readBooks().card).toMatchObject({ charged: before.charged + 1 });
    const slow = [1, 2].map(() => ask(shop, "card/charge", "slow", troubled("card:slow")));
    expect(slow.map(({ status, afterMs }) => [status, afterMs])).toEqual([
      [200, 5_000],
      [200, 0],
    ]);
    const twice = { ...order, trouble: "card:twice", answerTo: "shop/answers" };
    expect(ask(shop, "card/charge", "twice", twice).againTo).toBe("shop/answers");
    expect(ask(shop, "card/charge", "once", troubled("card:twice")).againTo).toBeNull();
  });

  it("has the troubles that its switches say: a share of the keys, each key alike", () => {
    const shop = new Shop();
    expect(shop.flip({ card: { refuse: 0.25, lost: 0.1 }, slowMs: 100, answerTo: "again" })).toMatchObject({
      slowMs: 100,
    });
    const charge = (index: number) => ask(shop, "card/charge", `k-${index}`).status;
    const first = Array.from({ length: 1_000 }, (_, index) => charge(index));
    const second = Array.from({ length: 1_000 }, (_, index) => charge(index));
    const refused = first.filter((status) => status === 422).length;
    expect(refused).toBeGreaterThan(200);
    expect(refused).toBeLessThan(300);
    expect(second.filter((status) => status === 422)).toHaveLength(refused);
    expect(second.filter((status) => status === 500)).toHaveLength(0);
    shop.flip({ card: { "undo-broken": 1 } });
    expect(charge(0)).toBe(200);
    expect(ask(shop, "card/refund", "k-1.undo").status).toBe(500);
    shop.flip({ card: {} });
    expect(ask(shop, "card/refund", "k-1.undo").status).toBe(200);
    expect(shop.switches).toEqual({ shares: { card: {} }, slowMs: 100, answerTo: "again" });
  });

  it.each([
    [{ cards: {} }, "There is no switch cards. There are: stock, card, carrier, slowMs, answerTo."],
    [{ card: { los: 1 } }, /^card has no switch los\. It has: refuse, undo-refuse/],
    [{ card: { lost: 2 } }, "card.lost is a share from 0 to 1."],
    [{ slowMs: -1 }, "slowMs is a number of milliseconds from 0 to 60000."],
    [{ answerTo: "../up" }, "answerTo is the path of a webhook, without /in/ before it."],
    [[], "Switches are a JSON object."],
  ])("refuses the switches %j", (given, words) => {
    const shop = new Shop();
    expect(shop.flip(given)).toMatch(words);
    expect(shop.switches.slowMs).toBe(5_000);
  });

  it("refuses what it cannot read, in words", () => {
    const shop = new Shop();
    const refusal = (path: string, key: string | null, body: unknown) => {
      const { answer } = shop.perform({ path, key, body });
      return `${answer.status} ${answer.body.error}`;
    };
    expect(refusal("stock/reserve", null, order)).toMatch(/^400 Send an Idempotency-Key/);
    expect(refusal("bank/charge", "k", order)).toBe("404 There is no service bank. There are: stock, card, carrier.");
    expect(refusal("card/reserve", "k", order)).toBe("404 card can charge and refund, not reserve.");
    expect(refusal("card/charge", "k", undefined)).toBe("400 The body is a JSON object.");
    expect(refusal("card/charge", "k", { order: "" })).toBe("400 order is the id of an order.");
    expect(refusal("card/charge", "k", { order: "o" })).toBe("400 amount is what is to be charged.");
    expect(refusal("stock/reserve", "k", { order: "o", pieces: 1.5 })).toBe("400 pieces is a whole number.");
  });

  it("remembers so many and no more, and adds up exactly all the same", () => {
    const shop = new Shop(100);
    for (let index = 0; index < 1_000; index++)
      ask(shop, "stock/reserve", `k-${index}`, { order: `o-${index}`, pieces: 1 });
    expect(shop.readBooks()).toMatchObject({ stock: { reserved: 1_000, pieces: 1_000 }, orders: 100 });
    expect(ask(shop, "stock/reserve", "k-999", { order: "o-999", pieces: 1 }).body).toMatchObject({
      receipt: "r-1000",
    });
    expect(ask(shop, "stock/reserve", "k-0", { order: "o-0", pieces: 1 }).body).toMatchObject({ receipt: "r-1001" });
  });
});
