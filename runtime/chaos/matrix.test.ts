import { describe, expect, it } from "vitest";
import { nameCell } from "./cell";
import { chooseCells, listCells } from "./matrix";
import { createRandom, deriveSeed } from "./random";

describe("the matrix", () => {
  it("has each cell once, and no fault of what a flow does not stand on", () => {
    const names = listCells().map(nameCell);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("kafka-route/at-least-once/worker-stop");
    expect(names).toContain("webhook-kafka/at-least-once/broker-half-open");
    expect(names).not.toContain("kafka-split/at-least-once/redis-kill");
    expect(names).toContain("kafka-pulsar/at-least-once/pulsar-kill");
    expect(names).not.toContain("kafka-rabbitmq/at-least-once/pulsar-kill");
    expect(names).not.toContain("kafka-route/exactly-once/redis-kill");
    expect(names).toContain("kafka-route/exactly-once/worker-kill");
    expect(names).toContain("kafka-queue-once/effectively-once/worker-kill");
  });

  it("is chosen from by parts", () => {
    const choose = (pattern: string) => chooseCells(pattern).map(nameCell);
    expect(choose("kafka-http/at-least-once/clock-jump")).toEqual(["kafka-http/at-least-once/clock-jump"]);
    expect(choose("*/*/redeploy").every((name) => name.endsWith("/redeploy"))).toBe(true);
    expect(choose("queue-kafka").length).toBeGreaterThan(10);
    expect(choose("nothing")).toEqual([]);
  });
});

describe("seeds", () => {
  it("give the same numbers again", () => {
    const draw = (seed: number) => {
      const random = createRandom(seed);
      return [random.between(1, 100), random.pick(["a", "b", "c"]), random.shuffle([1, 2, 3, 4, 5]), random.next()];
    };
    expect(draw(42)).toEqual(draw(42));
    expect(draw(42)).not.toEqual(draw(43));
  });

  it("keep within their bounds", () => {
    const random = createRandom(1);
    const drawn = Array.from({ length: 1_000 }, () => random.between(2, 4));
    expect(new Set(drawn)).toEqual(new Set([2, 3, 4]));
  });

  it("are different for each cell", () => {
    const seeds = listCells().map((cell) => deriveSeed(7, nameCell(cell)));
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(deriveSeed(7, "a")).toBe(deriveSeed(7, "a"));
    expect(deriveSeed(7, "a")).not.toBe(deriveSeed(8, "a"));
  });
});
