import type { Rest } from "../durability";

/** What a Redis keeps when it is killed. */
export interface RedisKeeping {
  readonly server: "redis";
  /** The append-only file is written. */
  readonly appendOnly: boolean;
  /** How often that file goes to the disk; absent when the server does not say. */
  readonly fsync?: "always" | "everysec" | "no";
  /** What it does when its memory is full, where that is not to refuse. */
  readonly evicts?: string;
}

const mend = "Set `appendonly yes` and `appendfsync always`.";

/** How safely something rests in a Redis: a `job`, of which there are `jobs`. */
export function describeInRedis(kept: RedisKeeping, one: string, many = `${one}s`): Rest {
  if (kept.evicts !== undefined) {
    return {
      strength: "weak",
      text: `Redis removes keys when its memory is full (\`maxmemory-policy ${kept.evicts}\`), and with them ${many}.`,
      mend: "Set `maxmemory-policy noeviction`.",
    };
  }
  if (!kept.appendOnly) {
    const text = `Redis writes no append-only file: when it is killed, ${many} since its last snapshot are gone.`;
    return { strength: "weak", text, mend };
  }
  if (kept.fsync === "always")
    return { strength: "safe", text: `Redis has each ${one} on its disk before it answers.` };
  if (kept.fsync === undefined) {
    const text = "Redis writes an append-only file; it does not say how often that goes to the disk.";
    return { strength: "unknown", text };
  }
  const text =
    kept.fsync === "everysec"
      ? `Redis writes to its disk once a second: when it is killed, the ${many} of the last second may be gone.`
      : `Redis leaves it to the system when its disk is written: when its machine fails, the ${many} of the last half minute may be gone.`;
  return { strength: "weak", text, mend: "Set `appendfsync always`." };
}

/** How safely what a flow holds rests in the Redis of a connection. */
export function describeHeldInRedis(connection: string, kept: RedisKeeping): Rest {
  if (!kept.appendOnly || kept.evicts?.startsWith("allkeys")) {
    const text = `The Redis of \`${connection}\` would lose what is held, so it takes nothing.`;
    return { strength: "weak", text, mend: kept.appendOnly ? "Set `maxmemory-policy noeviction`." : mend };
  }
  if (kept.fsync === "always")
    return { strength: "safe", text: "Held in Redis, which has it on its disk before it counts." };
  const text =
    kept.fsync === undefined
      ? "Held in Redis, which writes an append-only file; it does not say how often that goes to the disk."
      : "Held in Redis, which writes to its disk now and then: when it is killed, what was held in the last seconds may be gone.";
  return kept.fsync === undefined ? { strength: "unknown", text } : { strength: "weak", text, mend };
}
