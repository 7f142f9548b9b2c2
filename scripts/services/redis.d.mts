import type { Server } from "./server";

export interface RedisServer extends Server {
  url: string;
}
/** Append-only file; `durable: "always"` loses nothing when it is killed. */
export function startRedis(options: {
  dir: string;
  port: number;
  durable?: "always" | "everysec";
  log?: string;
}): Promise<RedisServer>;
export function isRedis(port: number, host?: string): Promise<boolean>;
