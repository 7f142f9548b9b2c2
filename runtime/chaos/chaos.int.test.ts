import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nameCell, runCell } from "./cell";
import { findFakeClock, type House, openHouse } from "./house";
import { chooseCells } from "./matrix";
import { createRandom, deriveSeed, drawSeed } from "./random";

/** A part of the matrix (`npm run test:chaos` is the whole), on servers of its own, because they are killed. */
const fixed: readonly [cell: string, seed: number][] = [
  ["kafka-route/at-least-once/worker-kill", 34],
  ["kafka-route/at-least-once/broker-kill", 37],
  ["kafka-route/at-least-once/redis-kill", 48],
  ["kafka-route/at-least-once/postgres-kill", 48],
  ["kafka-rabbitmq/at-least-once/rabbitmq-kill", 30],
  ["kafka-redis-streams/at-least-once/redis-kill", 34],
];
const fresh = drawSeed();
/** Those whose trouble takes long are for the whole matrix, and so is Pulsar, which takes a gigabyte. */
const short = chooseCells("*").filter(
  ({ shape, fault }) =>
    !shape.stands.includes("pulsar") &&
    fault.lastsMs[1] <= 6_000 &&
    fault.rounds[1] <= 3 &&
    (!fault.needsClock || findFakeClock() !== null),
);
const drawn = createRandom(fresh).pick(short);

let directory: string;
let house: House;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "millrace-chaos-"));
  house = await openHouse(directory, ["rabbitmq", ...(process.env.CI ? [] : drawn.shape.stands)]);
}, 180_000);

afterAll(async () => {
  await house?.close();
  if (directory) await rm(directory, { recursive: true, force: true });
}, 60_000);

describe("nothing lost, nothing doubled beyond what was in flight, order kept", () => {
  it.each([
    ...fixed.map(([pattern, seed]) => ({ cell: chooseCells(pattern)[0]!, seed, name: pattern })),
    // Where a person looks at what it finds, and repeats it by its seed.
    ...(process.env.CI
      ? []
      : [{ cell: drawn, seed: deriveSeed(fresh, nameCell(drawn)), name: `${nameCell(drawn)}, drawn` }]),
  ])(
    "$name, seed $seed",
    async ({ cell, seed }) => {
      const { log, sinks, ...report } = await runCell(house, cell, seed);
      console.info(JSON.stringify(report));
      expect(report.messages).toBeGreaterThan(100);
      expect(report.violations, log.slice(-5_000)).toEqual([]);
    },
    240_000,
  );
});
