/** Databases of tests: migrated, each of its own. */
import pg from "pg";
import { migrate } from "../scripts/migrate.mjs";

/**
 * Makes a migrated database on a server and gives its address: a copy of the one that the test runner has migrated (TEMPLATE_URL), where
 * that stands on the same server, else an empty one that is migrated here.
 */
export async function createTestDatabase(server: string, name: string): Promise<string> {
  const url = Object.assign(new URL(server), { pathname: `/${name}` });
  const template = new URL(process.env.TEMPLATE_URL ?? "none:");
  const isThere = template.host === url.host;
  const copied = isThere ? ` TEMPLATE ${pg.escapeIdentifier(template.pathname.slice(1))}` : "";
  await runSql(server, `CREATE DATABASE ${pg.escapeIdentifier(name)}${copied}`);
  if (!isThere) await migrate(url.href);
  return url.href;
}

/** Drops a database of a test's own, whoever is still connected to it. `server` is any other database of the server. */
export async function dropTestDatabase(server: string, name: string): Promise<void> {
  await runSql(server, `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
}

async function runSql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
