import { randomUUID } from "node:crypto";
import pg from "pg";
import { createDatabase, type Database } from "../../prisma/client";
import { migrate } from "../../scripts/migrate.mjs";

/** A database of its own on the Postgres that the test runner names. */
export interface TestDatabase extends Database {
  readonly url: string;
  /** Closes it and drops the database. */
  drop(): Promise<void>;
}

/** @throws Error when DATABASE_URL is not set: these tests never run on less than Postgres. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const server = process.env.DATABASE_URL;
  if (!server)
    throw new Error("DATABASE_URL is not set: tests of the stores need a real Postgres (npm test starts one)");
  const name = `runtime_${randomUUID().slice(0, 8)}`;
  await runOn(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  await migrate(url.href);
  const database = createDatabase(url.href, { maxConnections: 6 });
  return {
    ...database,
    url: url.href,
    async drop() {
      await database.close();
      await runOn(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function runOn(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}
