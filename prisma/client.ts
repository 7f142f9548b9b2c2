import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "./generated/client";

export interface Database {
  prisma: PrismaClient;
  /** For what Prisma does not do: LISTEN, bulk inserts, locks held by one session. */
  pool: pg.Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Connections that this process may hold at once, by Prisma and by the pool together. */
  maxConnections?: number;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** A query without an answer for this long has failed. */
  queryTimeoutMs?: number;
}

/**
 * Longer than any query of ours. A Postgres that hangs, or whose host vanished without a word, would else hold every connection of the
 * pool until the system gives the sockets up, which takes a quarter of an hour.
 */
const queryTimeoutMs = 60_000;

/**
 * Opens the database: one pool, shared by Prisma and by plain SQL. Connects when first asked; a database that goes away and comes back
 * is found again by the pool, its errors are those of the queries that met them.
 */
export function createDatabase(url: string, options: DatabaseOptions = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 10,
    application_name: options.applicationName ?? "millrace",
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    query_timeout: options.queryTimeoutMs ?? queryTimeoutMs,
  });
  // An idle connection that breaks raises `error` on the pool; without a listener that ends the process.
  pool.on("error", () => {});
  // Prisma's own limits (2 s to begin, 5 s in all) refuse a deploy on a machine that is merely busy.
  const transactionOptions = { maxWait: 10_000, timeout: 30_000 };
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), transactionOptions });
  return {
    prisma,
    pool,
    async close() {
      await prisma.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}
