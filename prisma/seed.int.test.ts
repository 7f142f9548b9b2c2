import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate } from "../scripts/migrate.mjs";
import { createDatabase, type Database } from "./client";
import { seed } from "./seed";

const given = new URL(process.env.DATABASE_URL ?? "");
const name = `millrace_seed_${process.pid}`;
const url = Object.assign(new URL(given), { pathname: `/${name}` }).href;
const examples = await mkdtemp(join(tmpdir(), "millrace-seed-"));
let database: Database;

async function runOnGiven(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: given.href });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

async function writeExample(flow: string): Promise<void> {
  const document = {
    format: "millrace/flow@1",
    name: flow,
    title: `The ${flow}`,
    description: "Shows.",
    nodes: [],
    edges: [],
  };
  await writeFile(join(examples, `${flow}.flow.json`), JSON.stringify(document));
}

beforeAll(async () => {
  await runOnGiven(`CREATE DATABASE ${name}`);
  await writeExample("first");
});
afterAll(async () => {
  await database?.close();
  await runOnGiven(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
});

describe("a new database", () => {
  it("is migrated once when two processes start together, and not again", async () => {
    const entries = await readdir(join(import.meta.dirname, "migrations"), { withFileTypes: true });
    const all = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect(all).toContain("0001_init");
    const applied = await Promise.all([migrate(url), migrate(url)]);
    expect(applied.flat()).toEqual(all.sort());
    expect(await migrate(url)).toEqual([]);
    database = createDatabase(url);
  });

  it("gets what ships once, and keeps what people changed or deleted", async () => {
    const options = {
      environment: "default",
      examples,
      webUrl: "http://127.0.0.1:3000",
      localTokenHash: "a".repeat(64),
    };
    const added = await Promise.all([seed(database, options), seed(database, options)]);
    expect(added.flat()).toEqual(["first"]);
    const { prisma } = database;
    expect((await prisma.connection.findMany({ orderBy: { name: "asc" } })).map((row) => row.name)).toEqual([
      "app",
      "http",
      "kafka",
      "pulsar",
      "queue",
      "rabbitmq",
      "redis",
    ]);

    await prisma.flow.deleteMany({});
    await prisma.connection.update({
      where: { project_environment_name: { project: "default", environment: "default", name: "kafka" } },
      data: { config: { brokers: "other:9092" } },
    });
    await writeExample("second");
    expect(
      await seed(database, { ...options, webUrl: "http://127.0.0.1:4000", localTokenHash: "b".repeat(64) }),
    ).toEqual(["second"]);
    const configs = await prisma.connection.findMany({
      where: { name: { in: ["kafka", "app"] } },
      orderBy: { name: "asc" },
    });
    expect(configs.map((row) => row.config)).toEqual([{ baseUrl: "http://127.0.0.1:4000" }, { brokers: "other:9092" }]);
    expect((await prisma.apiToken.findMany()).map((row) => row.hash)).toEqual(["b".repeat(64)]);
  });

  it("gives another environment its connections, and no flow a second time", async () => {
    const options = { environment: "staging", examples, webUrl: "http://127.0.0.1:3000", localTokenHash: "" };
    expect(await seed(database, options)).toEqual([]);
    await database.prisma.connection.deleteMany({ where: { environment: "staging", name: "queue" } });
    expect(await seed(database, options)).toEqual([]);
    const rows = await database.prisma.connection.findMany({
      where: { environment: "staging" },
      orderBy: { name: "asc" },
    });
    expect(rows.map((row) => row.name)).toEqual(["app", "http", "kafka", "pulsar", "rabbitmq", "redis"]);
  });

  it("moves early rows out of the default partition", async () => {
    const { pool } = database;
    await pool.query(
      `INSERT INTO "RunValue" SELECT day, gen_random_uuid(), 'f', 'n', 'v'
       FROM unnest(ARRAY[now() AT TIME ZONE 'UTC' + interval '5 days', now() AT TIME ZONE 'UTC' - interval '9 days']) AS day`,
    );
    const created = await pool.query("SELECT millrace_create_partitions(6) AS count");
    expect(created.rows[0].count).toBe(6);
    expect((await pool.query(`SELECT * FROM "RunValue_default"`)).rowCount).toBe(1);
    expect((await pool.query(`SELECT * FROM "RunValue"`)).rowCount).toBe(2);
  });
});
