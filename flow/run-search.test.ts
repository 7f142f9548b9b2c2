import { expect, it } from "vitest";
import { countMatches, describeCount, describeRunSearch, type FoundBy, matchesOf, readRunSearch } from "./run-search";

const traceId = "0af7651916cd43dd8448eb211c80319c";

it.each([
  [`00-${traceId}-b7ad6b7169203331-01`, { is: "trace", traceId }],
  [`traceparent: 00-${traceId}-b7ad6b7169203331-01`, { is: "trace", traceId }],
  [traceId.toUpperCase(), { is: "trace", traceId }],
  ["orders[0]@4711", { is: "place", lanes: ["orders/0", "orders[0]"], position: "4711" }],
  ["shop.orders-v2-12@4711", { is: "place", lanes: ["shop.orders-v2/12", "shop.orders-v2-12"], position: "4711" }],
  ["orders/3:4711", { is: "place", lanes: ["orders/3"], position: "4711" }],
  ["orders/3 @ 4711", { is: "place", lanes: ["orders/3"], position: "4711" }],
  ["orders:3:4711", { is: "place", lanes: ["orders/3", "orders:3"], position: "4711" }],
  ["events:1@1700000000000-0", { is: "place", lanes: ["events/1", "events:1"], position: "1700000000000-0" }],
  ["jobs@4711", { is: "place", lanes: ["jobs"], position: "4711" }],
  ["jobs:4711", { is: "place", lanes: ["jobs"], position: "4711" }],
  ["jobs@6f9619ff-8b86", { is: "place", lanes: ["jobs"], position: "6f9619ff-8b86" }],
  ["order=4711", { is: "value", name: "order", value: "4711" }],
  ["body.customer = c 1", { is: "words", text: "body.customer = c 1" }],
  ["body.customer=c 1", { is: "value", name: "body.customer", value: "c 1" }],
  ["4711", { is: "words", text: "4711" }],
  ["c-8812", { is: "words", text: "c-8812" }],
  ["ada@example.org", { is: "words", text: "ada@example.org" }],
  ["answered 503: no stock", { is: "words", text: "answered 503: no stock" }],
  ["  o-1  ", { is: "words", text: "o-1" }],
])("understands %s", (typed, search) => expect(readRunSearch(typed)).toEqual(search));

it("says what it looks for, where that is more than words", () => {
  expect(describeRunSearch(readRunSearch("orders[0]@4711"))).toBe("The message at 4711 of orders/0");
  expect(describeRunSearch(readRunSearch("4711"))).toBeNull();
});

it("counts by what runs were found, what may be one name once", () => {
  const order: FoundBy = { by: "value", name: "body.order" };
  const runs: { foundBy?: FoundBy[] }[] = [
    { foundBy: [{ by: "key" }, { by: "value", name: "key" }, order] },
    { foundBy: [{ by: "value", name: "order" }, order] },
    {},
  ];
  expect(matchesOf(runs[0]!)).toEqual(["key", "value:order"]);
  expect(countMatches(runs).map(describeCount)).toEqual(["2 by order", "1 by key"]);
  const many = Array.from({ length: 101 }, () => ({ foundBy: [{ by: "error" } as const] }));
  expect(countMatches(many).map(describeCount)).toEqual(["100+ by words of an error"]);
  expect(countMatches(runs, { more: true }).map(describeCount)).toEqual(["2+ by order", "1+ by key"]);
});
