import type { Server } from "./server";

export interface PostgresServer extends Server {
  /** `postgres://…` of a database on it; `millrace` exists. */
  url(database?: string): string;
}
export function startPostgres(options: { dir: string; port: number; log?: string }): Promise<PostgresServer>;
/** Makes a database when it is not there. True when it made one. */
export function ensureDatabase(url: string): Promise<boolean>;
