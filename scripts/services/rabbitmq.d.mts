import type { Server } from "./server";

export interface RabbitServer extends Server {
  url: string;
  /** Of the management API, where its plugin is on. */
  management: string | null;
  /** rabbitmqctl. @throws Error with what it said */
  control(...args: string[]): Promise<string>;
}
/** A node of one's own. `settings` are lines of rabbitmq.conf. */
export function startRabbit(options: {
  dir: string;
  port: number;
  plugins?: string[];
  settings?: string[];
  log?: string;
}): Promise<RabbitServer>;
export function isRabbit(port: number, host?: string): Promise<boolean>;
export function findRabbitServer(): string | null;
