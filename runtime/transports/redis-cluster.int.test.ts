import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { jsonCodec } from "../../flow/codecs/json";
import { findAnyPort } from "../../scripts/network.mjs";
import { isRedis } from "../../scripts/services/redis.mjs";
import { makeNumbered, pause, Receiver, readNumber, until } from "./conformance";
import { openRedis } from "./redis";

const run = promisify(execFile);
const nodes: ChildProcess[] = [];
const addresses: string[] = [];
let dir: string;

/** Three primaries without replicas. */
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "millrace-cluster-"));
  for (let at = 0; at < 3; at++) {
    const [port, bus] = [await findAnyPort(), await findAnyPort()];
    const options = { port, "cluster-port": bus, bind: "127.0.0.1", dir, save: "", appendonly: "no" };
    const args = Object.entries({ ...options, "cluster-enabled": "yes", "cluster-config-file": `${port}.conf` });
    const given = args.flatMap(([name, value]) => [`--${name}`, `${value}`]);
    nodes.push(spawn("redis-server", given, { stdio: "ignore" }));
    addresses.push(`127.0.0.1:${port}`);
    for (let tries = 0; !(await isRedis(port)); tries++) {
      if (tries > 100) throw new Error("redis-server did not start");
      await pause(50);
    }
  }
  await run("redis-cli", ["--cluster", "create", ...addresses, "--cluster-yes"]);
});
afterAll(async () => {
  for (const node of nodes) node.kill();
  await rm(dir, { recursive: true, force: true });
});

it("spreads partitions over the nodes of a cluster, and keeps the order of each key", async () => {
  const transport = openRedis({
    name: "redis",
    config: { mode: "cluster", url: `redis://${addresses.join(",")}` },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
  const receiver = new Receiver();
  try {
    expect(await transport.test()).toMatch(/^Redis Cluster \d/);
    const entries = makeNumbered(0, 2_000).map(({ key, value, headers }) => ({
      stream: "orders",
      key,
      value,
      headers,
    }));
    const verdicts = await transport.port.add(entries, { partitions: 6, layout: "message" }, receiver.abort.signal);
    expect(verdicts.filter(({ verdict }) => verdict !== "done")).toEqual([]);
    const { places } = await transport.places("orders", 10);
    expect(places.length).toBeGreaterThan(2);
    expect(places.reduce((sum, { messages = 0 }) => sum + messages, 0)).toBe(2_000);
    receiver.source = await transport.port.consume(
      {
        node: "in",
        stream: "orders",
        partitions: 6,
        sharing: "one-worker",
        group: "millrace.test.flow.in",
        ownName: "",
        fallback: "earliest",
        start: { from: "kind" },
        onGap: "halt",
        maxDeliveries: 10,
        layout: "message",
        codec: jsonCodec,
        signal: receiver.abort.signal,
      },
      receiver,
    );
    await until(() => receiver.received.length === 2_000);
    const last = new Map<string | null, number>();
    for (const message of receiver.received) {
      expect(readNumber(message)).toBeGreaterThan(last.get(message.keyText) ?? -1);
      last.set(message.keyText, readNumber(message));
    }
    expect(receiver.problems).toEqual([]);
  } finally {
    receiver.abort.abort();
    await receiver.source?.stop();
    await transport.close();
  }
});
