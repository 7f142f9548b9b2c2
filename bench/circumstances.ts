import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import pg from "pg";
import type { RigServices } from "../runtime/system/rig";
import type { Circumstances } from "./results";
import { roundSeconds, rounds } from "./settings";

const root = fileURLToPath(new URL("..", import.meta.url));
const clients = ["kafkajs", "bullmq", "ioredis", "rabbitmq-client", "ws", "@marcbachmann/cel-js"];

/** Machine, versions and settings, to stand beside what was measured. */
export async function readCircumstances(services: RigServices, kafkaVersion: string): Promise<Circumstances> {
  const versions: Record<string, string> = { Node: process.versions.node };
  for (const name of clients) versions[name] = readVersion(name);
  versions.Kafka = kafkaVersion;
  const redis = new Redis(services.redisUrl);
  const info = await redis.info("server");
  const fsync = (await redis.config("GET", "appendfsync").catch(() => [])) as string[];
  redis.disconnect();
  versions.Redis = `${/redis_version:(\S+)/.exec(info)?.[1] ?? "?"}${fsync[1] ? `, appendfsync ${fsync[1]}` : ""}`;
  const client = new pg.Client({ connectionString: services.postgresUrl });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
  await client.end();
  versions.Postgres = rows[0]?.server_version ?? "?";
  return {
    at: new Date().toISOString(),
    commit: git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "--untracked-files=no") ? "+" : ""),
    machine: {
      processor: cpus()[0]?.model.trim() ?? "?",
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 1e9),
      system: `${type()} ${release()}`,
    },
    versions,
    seconds: roundSeconds,
    rounds,
  };
}

function readVersion(name: string): string {
  const manifest = readFileSync(`${root}node_modules/${name}/package.json`, "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function git(...args: string[]): string {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
