/** Redis: found, or started from the distribution's `redis-server` with an append-only file. */
import { mkdirSync, writeFileSync } from "node:fs";
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
 * "everysec" once a second. `settings` are options of redis.conf, in its place or more. Gives `url`, `stop`, `kill`, `start` (again, same port and
 * data), `pause` and `resume` (the process stands still).
 */
export async function startRedis({ dir, port, durable = "everysec", settings = {}, log = join(dir, "redis.log") }) {
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
    ...settings,
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, ...[value].flat().map(String)]);
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
    pause: () => server.child.process.kill("SIGSTOP"),
    resume: () => server.child.process.kill("SIGCONT"),
  };
  await server.start();
  return server;
}

/**
 * Starts a sentinel for tests: alone it decides that the primary is down, after three seconds without an answer. `primary`: what it calls it, and where
 * it is; `settings` are further lines of its file. Gives `stop`, `kill`.
 */
export async function startSentinel({ dir, port, primary, settings = [], log = join(dir, "sentinel.log") }) {
  const program = findProgram("redis-server") ?? findProgram("valkey-server");
  if (!program) throw new Refusal("There is no redis-server here. Install Redis.");
  mkdirSync(dir, { recursive: true });
  const file = join(dir, "sentinel.conf");
  const { name } = primary;
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${dir}`,
    ...settings,
    `sentinel monitor ${name} ${primary.host ?? "127.0.0.1"} ${primary.port} 1`,
    `sentinel down-after-milliseconds ${name} 3000`,
    `sentinel failover-timeout ${name} 5000`,
  ];
  // It writes what it learns into its own file.
  writeFileSync(file, `${lines.join("\n")}\n`);
  const child = startChild("sentinel", program, [file, "--sentinel"], { log });
  const up = await waitFor(() => isRedis(port), { timeoutMs: 30_000, everyMs: 50, isHopeless: () => child.ended });
  if (!up) throw new Refusal(`The sentinel did not start. The end of ${log}:\n${readLogEnd(log)}`);
  return { name: "sentinel", port, stop: () => stopChild(child), kill: () => killChild(child) };
}
