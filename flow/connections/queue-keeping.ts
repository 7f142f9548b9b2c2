import type { Rest } from "../durability";
import { describeHeldInRedis, describeInRedis, type RedisKeeping } from "./redis-keeping";

/** What the server behind a queue connection keeps when it is killed. */
export type QueueKeeping = { readonly server: "postgres" } | RedisKeeping;

/** How safely a job rests in its queue. */
export function describeJobs(kept: QueueKeeping): Rest {
  if (kept.server === "redis") return describeInRedis(kept, "job");
  const text = "Jobs are kept in Postgres, which has each on its disk before it counts as added.";
  return { strength: "safe", text };
}

/** How safely what a flow holds rests behind a queue connection. */
export function describeHeldByQueues(connection: string, kept: QueueKeeping): Rest {
  if (kept.server === "redis") return describeHeldInRedis(connection, kept);
  return { strength: "unknown", text: `There is no Redis behind \`${connection}\`, so nothing can be held.` };
}
