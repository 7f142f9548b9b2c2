/**
 * Prisma's schema engine as WebAssembly: migrations without a downloaded binary.
 */
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import pg from "pg";

const noFilters = { externalTables: [], externalEnums: [] };

/**
 * The adapter cuts scripts at each semicolon, also within functions and comments. Sent whole, Postgres reads them as they are meant,
 * and each migration is one transaction: it is applied, or nothing of it is.
 */
class WholeScriptPrismaPg extends PrismaPg {
  #pool;
  constructor(pool) {
    super(pool);
    this.#pool = pool;
  }
  async connect() {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await this.#pool.query(script);
    };
    return adapter;
  }
}

let loading;

/** The bindings hold one instance for the whole process. */
async function loadBindings() {
  // Where the engine leaves its words before it stops; without it, what went wrong is lost.
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      throw new Error(`Prisma's schema engine stopped: ${message}`);
    },
  };
  const bindings = await import("@prisma/schema-engine-wasm/schema_engine_bg");
  const path = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const bytes = await readFile(path.replace(/\.js$/, ".wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return bindings;
}

/** Opens the engine on a database. The engine needs an adapter even when it only compares two schema files. */
export async function openSchemaEngine(databaseUrl) {
  loading ??= loadBindings();
  const { SchemaEngine } = await loading;
  const schema = await readFile(new URL("../prisma/schema.prisma", import.meta.url), "utf8");
  const pool = new pg.Pool({ connectionString: databaseUrl, application_name: "millrace-migrate" });
  const adapter = bindMigrationAwareSqlAdapterFactory(new WholeScriptPrismaPg(pool));
  const engine = await SchemaEngine.new({ datamodels: [["schema.prisma", schema]] }, () => {}, adapter);
  return {
    /** Applies what is missing, in order. Returns the names of what it applied. */
    async applyMigrations(directory) {
      const migrationsList = await readMigrations(directory);
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: noFilters });
      return appliedMigrationNames;
    },
    /** The SQL that leads from one schema file to another; `from` absent = nothing. */
    async diffSchemas(from, to) {
      const result = await engine.diff({
        from: from ? { tag: "schemaDatamodel", files: [from], configDir: "." } : { tag: "empty" },
        to: { tag: "schemaDatamodel", files: [to], configDir: "." },
        script: true,
        shadowDatabaseUrl: null,
        exitCode: null,
        filters: noFilters,
      });
      return result.stdout ?? "";
    },
    async close() {
      engine.free();
      await pool.end();
    },
  };
}

async function readMigrations(directory) {
  const names = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const migrationDirectories = [];
  for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const content = await readFile(join(directory, name, "migration.sql"), "utf8");
    migrationDirectories.push({
      path: name,
      migrationFile: { path: "migration.sql", content: { tag: "ok", value: content } },
    });
  }
  const lockfile = await readFile(join(directory, "migration_lock.toml"), "utf8").catch(() => null);
  return {
    baseDir: directory,
    lockfile: { path: "migration_lock.toml", content: lockfile },
    shadowDbInitScript: "",
    migrationDirectories,
  };
}
