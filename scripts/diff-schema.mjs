/**
 * Writes the SQL of a new migration: what changed in prisma/schema.prisma since prisma/migrations/schema.snapshot.prisma.
 * Usage: DATABASE_URL=… node scripts/diff-schema.mjs 0002_name. Read the SQL before you commit it: partitions and unlogged tables are
 * not known to Prisma (see 0001_init).
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSchemaEngine } from "./schema-engine.mjs";

const prisma = fileURLToPath(new URL("../prisma/", import.meta.url));
const schemaPath = join(prisma, "schema.prisma");
const snapshotPath = join(prisma, "migrations", "schema.snapshot.prisma");
const name = process.argv[2];
if (!name || !/^\d{4}_[a-z0-9_]+$/.test(name)) {
  console.error("Name the migration: node scripts/diff-schema.mjs 0002_what_changes");
  process.exit(1);
}
const schema = { path: "schema.prisma", content: await readFile(schemaPath, "utf8") };
const snapshot = existsSync(snapshotPath)
  ? { path: "schema.prisma", content: await readFile(snapshotPath, "utf8") }
  : undefined;
const engine = await openSchemaEngine(process.env.DATABASE_URL ?? "postgres://127.0.0.1/postgres");
const sql = await engine.diffSchemas(snapshot, schema);
if (sql.includes("empty migration")) {
  console.log("The schema has not changed since the last migration.");
} else {
  const directory = join(prisma, "migrations", name);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "migration.sql"), sql);
  await copyFile(schemaPath, snapshotPath);
  console.log(`Wrote prisma/migrations/${name}/migration.sql. Read it before you commit it.`);
}
process.exit(0);
