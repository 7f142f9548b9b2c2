import { beforeEach, describe, expect, it } from "vitest";
import { answerShop } from "./shop-door";

const at = "http://127.0.0.1/examples/shop";
const get = async (path: string) => (await answerShop(new Request(`${at}/${path}`))).json();
function post(path: string, body: unknown, key = "k") {
  const headers = { "idempotency-key": key };
  return answerShop(new Request(`${at}/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}
const remove = (path: string) => answerShop(new Request(`${at}/${path}`, { method: "DELETE" }));

describe("the shop over HTTP", () => {
  beforeEach(async () => {
    await remove("books");
    await remove("switches");
  });

  it("serves its services, books and switches", async () => {
    expect((await post("stock/reserve", { order: "o-1", pieces: 3 })).status).toBe(200);
    expect(await get("books")).toMatchObject({ stock: { reserved: 1, pieces: 3 }, uneven: 1 });
    expect(await get("books?order=o-1")).toEqual({ stock: 1 });
    expect(await get("books?order=o-2")).toEqual({});
    expect(await (await post("switches", { card: { refuse: 1 } })).json()).toMatchObject({
      shares: { card: { refuse: 1 } },
    });
    expect((await post("card/charge", { order: "o-1", amount: 1 })).status).toBe(422);
    expect(await (await remove("switches")).json()).toEqual({ shares: {}, slowMs: 5_000, answerTo: null });
    expect((await post("card/charge", { order: "o-1", amount: 1 })).status).toBe(200);
    expect(await (await remove("books")).json()).toMatchObject({ stock: { reserved: 0 }, orders: 0 });
  });

  it("answers what it cannot read with words", async () => {
    expect((await post("switches", { carrier: { late: 1 } })).status).toBe(400);
    expect((await post("nowhere", {})).status).toBe(404);
    expect((await answerShop(new Request(`${at}/orders`))).status).toBe(404);
    const text = await answerShop(new Request(`${at}/card/charge`, { method: "POST", body: "no json" }));
    expect(text.status).toBe(400);
    const large = await post("card/charge", { order: "o", amount: 1, trouble: "x".repeat(70_000) });
    expect(large.status).toBe(413);
  });

  it("lets a slow answer wait, once, and as long as somebody waits for it", async () => {
    await post("switches", { carrier: { slow: 1 }, slowMs: 300 });
    const began = Date.now();
    expect((await post("carrier/book", { order: "o-1" })).status).toBe(200);
    expect(Date.now() - began).toBeGreaterThanOrEqual(290);
    const again = Date.now();
    await post("carrier/book", { order: "o-1" });
    expect(Date.now() - again).toBeLessThan(200);
  });
});
