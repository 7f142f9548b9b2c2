import { randomUUID } from "node:crypto";
import { createDatabase, type Database } from "../../prisma/client";
import { createTestDatabase, dropTestDatabase } from "../../prisma/testing";

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
  const url = await createTestDatabase(server, name);
  const database = createDatabase(url, { maxConnections: 6 });
  return {
    ...database,
    url,
    async drop() {
      await database.close();
      await dropTestDatabase(server, name);
    },
  };
}
