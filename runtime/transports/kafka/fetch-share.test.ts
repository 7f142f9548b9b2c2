import { expect, it } from "vitest";
import type { KafkaBroker, KafkaCluster } from "./client";
import { fetchSizes, shareFetches } from "./fetch-share";

const kb = 1024;
const mb = 1024 * kb;

it.each([
  ["one session has a megabyte for each partition", 4, 1, 8 * mb, mb],
  ["with many partitions they share an answer", 32, 1, 8 * mb, 256 * kb],
  ["many sessions share the memory of the process", 4, 16, mb, 256 * kb],
  ["a partition always has some", 100, 20, Math.floor((16 * mb) / 20), 64 * kb],
])("%s", (_, partitions, sessions, maxBytes, maxBytesPerPartition) => {
  expect(fetchSizes(partitions, sessions)).toEqual({ maxBytes, maxBytesPerPartition });
});

it("limits each fetch of a session by what is shared when it is sent, each partition the first in its turn", async () => {
  const sent: { maxBytes?: number; topics: { partitions: { partition: number; maxBytes?: number }[] }[] }[] = [];
  const open = () => {
    const broker = {
      fetch: async (request: (typeof sent)[number]) => {
        sent.push(request);
      },
    } as unknown as KafkaBroker;
    const cluster = { findBroker: async () => broker } as unknown as KafkaCluster;
    const end = shareFetches(cluster);
    const fetch = async () => {
      const found = await cluster.findBroker({ nodeId: "1" });
      await found.fetch({
        topics: [{ topic: "t", partitions: [{ partition: 0 }, { partition: 1 }] }],
      } as unknown as Parameters<typeof found.fetch>[0]);
      return sent.at(-1)!;
    };
    return { fetch, end };
  };
  const sessions = Array.from({ length: 32 }, open);
  const first = await sessions[0]!.fetch();
  const shared = await sessions[0]!.fetch();
  expect(shared.maxBytes).toBe(mb / 2);
  expect(shared.topics[0]!.partitions.map(({ maxBytes }) => maxBytes)).toEqual([mb / 4, mb / 4]);
  const orders = [first, shared].map(({ topics }) => topics[0]!.partitions.map(({ partition }) => partition));
  expect(orders).toEqual([
    [1, 0],
    [0, 1],
  ]);
  for (const { end } of sessions.slice(1)) end();
  const alone = await sessions[0]!.fetch();
  expect(alone.maxBytes).toBe(8 * mb);
  expect(alone.topics[0]!.partitions.map(({ maxBytes }) => maxBytes)).toEqual([mb, mb]);
  sessions[0]!.end();
});
