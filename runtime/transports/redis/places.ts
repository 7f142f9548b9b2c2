import { Cluster, type Redis } from "ioredis";
import type { RedisClient } from "./server";

/** Looking for streams walks through all keys: after so long it answers with what it found. */
const scanTimeoutMs = 1_500;

/** Streams whose name begins with `prefix`, by name. */
export async function listStreams(
  client: RedisClient,
  prefix: string,
  limit: number,
): Promise<{ names: string[]; more: boolean }> {
  const nodes = client instanceof Cluster ? client.nodes("master") : [client];
  const found = await Promise.all(nodes.map((node) => scan(node, prefix)));
  const names = [...new Set(found.flatMap((each) => each.names))].sort();
  return { names: names.slice(0, limit), more: names.length > limit || found.some(({ isWhole }) => !isWhole) };
}

async function scan(node: Redis, prefix: string): Promise<{ names: string[]; isWhole: boolean }> {
  const pattern = `${prefix.replace(/[\\*?[\]]/g, "\\$&")}*`;
  const until = Date.now() + scanTimeoutMs;
  const names: string[] = [];
  let cursor = "0";
  do {
    const [next, keys] = await node.scan(cursor, "MATCH", pattern, "COUNT", 5_000, "TYPE", "stream");
    cursor = next;
    names.push(...keys);
  } while (cursor !== "0" && Date.now() < until);
  return { names, isWhole: cursor === "0" };
}

/** Entries of a stream; `undefined` where there is none of that name. */
export async function readLength(client: RedisClient, stream: string): Promise<number | undefined> {
  if ((await client.type(stream)) !== "stream") return undefined;
  return client.xlen(stream);
}
