import type { Server } from "./server";

export interface PulsarServer extends Server {
  /** Of its WebSocket API and its admin API. */
  url: string;
  /** For `makeToken`, where it reads tokens. */
  tokenKey: string | null;
}
/** Topics are not made by themselves. `auth`: it reads tokens, and takes those who bring none for somebody who may do everything. */
export function startPulsar(options: {
  dir: string;
  port: number;
  log?: string;
  /** "1g" if not said. */
  heap?: string;
  auth?: boolean;
}): Promise<PulsarServer>;
export function isPulsar(port: number, host?: string): Promise<boolean>;
/** A token of that role; a negative lifetime makes one that is over. */
export function makeToken(key: string, role: string, lifetimeMs?: number): string;
/** The folder of its jars, and of its client's; copied once, which needs Maven. */
export function fetchPulsar(): Promise<string>;
