/**
 * Applies the migrations that the database lacks, as `prisma migrate deploy` does, without a downloaded engine.
 * Safe when several processes start at once: they wait for each other on an advisory lock.
 */
import { fileURLToPath } from "node:url";
import pg from "pg";
import { openSchemaEngine } from "./schema-engine.mjs";

const migrationsDirectory = fileURLToPath(new URL("../prisma/migrations", import.meta.url));
/** Any number that is ours alone. */
const lockKey = 7_146_335_421;

/** Brings the database up to date. Returns the names of the migrations that it applied. */
export async function migrate(databaseUrl) {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "millrace-migrate" });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [lockKey]);
    await forgetUnfinished(client);
    const engine = await openSchemaEngine(databaseUrl);
    try {
      return await engine.applyMigrations(migrationsDirectory);
    } finally {
      await engine.close();
    }
  } finally {
    await client.end();
  }
}

/**
 * A migration is one transaction, so one that failed or was killed left nothing behind but its row, which would refuse every later start.
 */
async function forgetUnfinished(client) {
  const { rows } = await client.query("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there");
  if (!rows[0].there) return;
  await client.query("DELETE FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const url = process.env.DATABASE_URL;
  if (!url) {
    console.error("Set DATABASE_URL to the database that should be brought up to date.");
    process.exit(1);
  }
  try {
    const applied = await migrate(url);
    console.log(applied.length === 0 ? "The database is up to date." : `Applied ${applied.join(", ")}.`);
    process.exit(0);
  } catch (error) {
    console.error(`The database could not be brought up to date: ${error.message}`);
    process.exit(1);
  }
}
