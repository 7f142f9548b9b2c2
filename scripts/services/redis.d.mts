import type { Server } from "./server";

export interface RedisServer extends Server {
  url: string;
  /** The process stands still: a server that does not answer. */
  pause(): void;
  resume(): void;
}
/** Append-only file; `durable: "always"` loses nothing when it is killed. `settings`: options of redis.conf. */
export function startRedis(options: {
  dir: string;
  port: number;
  durable?: "always" | "everysec";
  settings?: Readonly<Record<string, string | number | readonly string[]>>;
  log?: string;
}): Promise<RedisServer>;
/** One that decides alone. It listens without TLS, too. */
export function startSentinel(options: {
  dir: string;
  port: number;
  primary: { name: string; port: number; host?: string };
  settings?: readonly string[];
  log?: string;
}): Promise<Pick<Server, "name" | "port" | "stop" | "kill">>;
export function isRedis(port: number, host?: string): Promise<boolean>;
