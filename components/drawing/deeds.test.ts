import { describe, expect, it } from "vitest";
import { deedsOfNode, shortenDeed } from "./deeds";
import { nodeHeight, rowsOfPorts } from "./measures";

const step = (config: Record<string, unknown>) => deedsOfNode({ id: "reserve", kind: "saga-step", config });

describe("the rows of a step", () => {
  it("say what it does and what undoes it", () =>
    expect(
      step({
        action: { url: "/reservations" },
        compensation: { method: "DELETE", url: "/reservations/${body.reservation.id}" },
        pivot: true,
      }),
    ).toEqual({
      about: "by HTTP",
      does: "POST /reservations",
      undoes: "DELETE /reservations/${body.reservation.id}",
      pivot: true,
    }));
  it("say that nothing undoes it", () => expect(step({ action: { url: "/mail" } })?.undoes).toBeNull());
  it("name topics and jobs", () => {
    expect(step({ action: { call: "topic", topic: "stock.commands" } })?.does).toBe("to stock.commands");
    expect(step({ action: { call: "queue", queue: "stock", jobName: "reserve" } })?.does).toBe("reserve in stock");
    expect(step({ action: { call: "queue", queue: "stock" } })?.does).toBe("to stock");
  });
  it("say where its answer goes, or else how it is done", () => {
    expect(step({ action: { call: "queue" }, into: "booking" })?.about).toBe("into booking");
    expect(step({ action: { call: "queue" } })?.about).toBe("by job");
  });
  it("say what is known of a form that is half filled in", () =>
    expect(step({})).toEqual({ about: "by HTTP", does: "POST …", undoes: null, pivot: false }));
  it("keep of a long path the end, where it says what is done", () =>
    expect(
      [
        "POST /reservations",
        "POST /examples/shop/card/refund",
        "PUT https://shop.example.org/v2/a/very-long-name-of-a-thing",
        "DELETE /v1/reservations/${body.a / 2}",
        "reserve in stock.of.all.warehouses",
      ].map(shortenDeed),
    ).toEqual([
      "POST /reservations",
      "POST …/card/refund",
      "PUT …/very-long-name-of-a-thing",
      "DELETE …/reservations/${body.a / 2}",
      "reserve in stock.of.all.warehouses",
    ]));
  it("are there for steps alone", () => expect(deedsOfNode({ id: "log", kind: "log", config: {} })).toBeNull());
});

describe("the rows of ports", () => {
  it("are none where one way leads in and one out", () =>
    expect(rowsOfPorts({ in: ["in"], out: ["out", "error"] }).count).toBe(0));
  it("have the outputs at the right and the error at the left", () =>
    expect(rowsOfPorts({ in: ["in"], out: ["de", "otherwise", "error"] })).toEqual({
      left: ["error"],
      right: ["de", "otherwise"],
      count: 2,
    }));
  it("have further inputs at the left, before the error", () => {
    expect(rowsOfPorts({ in: ["in", "reply"], out: ["out", "error"] })).toEqual({
      left: ["reply"],
      right: [],
      count: 1,
    });
    expect(rowsOfPorts({ in: ["in", "event"], out: ["out", "timeout", "error"] }).left).toEqual(["event", "error"]);
  });
  it("make the node as high as they are", () =>
    expect(nodeHeight({ id: "route", kind: "switch", config: { cases: [{ port: "de", when: "true" }] } })).toBe(98));
});
