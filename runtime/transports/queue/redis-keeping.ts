import type { Cluster, Redis } from "ioredis";
import type { RedisKeeping } from "../../../flow/connections/redis-keeping";

/** What a Redis keeps when it is killed; `undefined` when it does not say. */
export async function readKeeping(client: Redis | Cluster): Promise<RedisKeeping | undefined> {
  const info = await client.info();
  const told = (name: string) => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];
  const appendOnly = told("aof_enabled");
  if (appendOnly === undefined) return undefined;
  // Hosted servers forbid CONFIG; what INFO says they tell all the same.
  const fsync = await client.config("GET", "appendfsync").then(
    (answer) => (answer as string[])[1],
    () => undefined,
  );
  const policy = told("maxmemory_policy");
  const limited = Number(told("maxmemory") ?? 0) > 0;
  return {
    server: "redis",
    appendOnly: appendOnly === "1",
    ...(fsync === "always" || fsync === "everysec" || fsync === "no" ? { fsync } : {}),
    ...(limited && policy !== undefined && policy !== "noeviction" ? { evicts: policy } : {}),
  };
}
