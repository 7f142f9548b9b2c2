/** Redis: found, or started from the distribution's `redis-server` with an append-only file. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { killChild, readLogEnd, startChild, stopChild } from "../children.mjs";
import { askPort, waitFor } from "../network.mjs";
import { findProgram, run } from "../system.mjs";
import { Refusal } from "../terminal.mjs";

/** Does a Redis that takes us answer here? */
export async function isRedis(port, host = "127.0.0.1") {
  const answer = await askPort({ host, port, bytes: "PING\r\n" });
  return answer?.toString().startsWith("+PONG") ?? false;
}

/** Does it keep what it holds across a restart? True when it does not say. */
export async function keepsData(port, host = "127.0.0.1") {
  const ask = async (bytes) => (await askPort({ host, port, bytes }))?.toString() ?? "";
  const persistence = await ask("INFO persistence\r\n");
  if (!persistence.includes("aof_enabled:0")) return true;
  return !(await ask("CONFIG GET save\r\n")).endsWith("$4\r\nsave\r\n$0\r\n\r\n");
}

/**
 * Starts a Redis of one's own. `durable: "always"` writes each change to the disk before answering (what a test that kills it needs),
 * "everysec" once a second. Gives `url`, `stop`, `kill`, `start` (again, same port and data).
 */
export async function startRedis({ dir, port, durable = "everysec", log = join(dir, "redis.log") }) {
  const program = findProgram("redis-server") ?? findProgram("valkey-server");
  if (!program) throw new Refusal("There is no redis-server here. Install Redis, or set REDIS_URL to one that runs.");
  mkdirSync(dir, { recursive: true });
  const version = (await run(program, ["--version"])).output.match(/v=(\S+)/)?.[1] ?? "";
  const options = {
    port,
    bind: "127.0.0.1",
    dir,
    appendonly: "yes",
    appendfsync: durable,
    "maxmemory-policy": "noeviction",
    save: "",
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = {
    name: "redis",
    port,
    version,
    url: `redis://127.0.0.1:${port}`,
    child: null,
    async start() {
      const child = startChild("redis", program, args, { log });
      server.child = child;
      const up = await waitFor(() => isRedis(port), { timeoutMs: 30_000, everyMs: 50, isHopeless: () => child.ended });
      if (!up) throw new Refusal(`Redis did not start. The end of ${log}:\n${readLogEnd(log)}`);
    },
    stop: () => stopChild(server.child),
    kill: () => killChild(server.child),
  };
  await server.start();
  return server;
}
