import { expect, it } from "vitest";
import { checkFlow } from "./check";
import type { KeepingFacts } from "./durability";
import { semanticsOf } from "./semantics";
import { drawFlow } from "./testing/drawing";

const connections = [
  { name: "kafka", kind: "kafka", missing: [] },
  { name: "queue", kind: "queue", missing: [] },
];

function draw(connection?: string) {
  const drawn = drawFlow(
    [
      ["in", "generate-source", { body: "{'id': n}" }],
      ["pause", "delay", { for: "1h" }],
      ["out", "log"],
    ],
    "in>pause",
    "pause>out",
  );
  return connection === undefined ? drawn : { ...drawn, settings: { holding: { connection } } };
}

it("takes a queue connection that is there, and Postgres without a word", () => {
  const find = (connection?: string) =>
    checkFlow(draw(connection), { connections }).map(({ code, severity, field }) => `${code} ${severity} ${field}`);
  expect(find()).toEqual([]);
  expect(find("queue")).toEqual([]);
  expect(find("elsewhere")).toEqual(["connection-missing error settings.holding.connection"]);
  expect(find("kafka")).toEqual(["connection-wrong-kind error settings.holding.connection"]);
});

it("says where what is held rests, and how safely", () => {
  const rest = (connection: string | undefined, queues?: object) => {
    const facts: KeepingFacts = queues ? { queue: { kind: "queue", server: { server: "redis", ...queues } } } : {};
    const hop = semanticsOf(draw(connection), { facts }).paths[0]?.hops.find(({ node }) => node === "pause");
    return hop && `${hop.strength}: ${hop.text}`;
  };
  expect(rest(undefined)).toMatch(/^safe: Held in Postgres/);
  expect(rest("queue")).toMatch(/^unknown: Held in the Redis of `queue`/);
  expect(rest("queue", { appendOnly: true, fsync: "always" })).toMatch(/^safe: Held in Redis/);
  expect(rest("queue", { appendOnly: true, fsync: "everysec" })).toMatch(/^weak: .*last seconds/);
  expect(rest("queue", { appendOnly: false })).toMatch(/^weak: .*takes nothing/);
  expect(rest("queue", { appendOnly: true, evicts: "allkeys-lru" })).toMatch(/^weak: .*takes nothing/);
});
