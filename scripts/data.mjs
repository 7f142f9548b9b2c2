/** What a checkout keeps between starts, under `.data/`: ports, secret, token, lock, logs. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findFreePort, isPortFree } from "./network.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const dataDirectory = join(root, ".data");

/** A path under `.data/`, with its folders made. */
export function dataPath(...parts) {
  const path = join(dataDirectory, ...parts);
  mkdirSync(join(path, ".."), { recursive: true });
  return path;
}

export function readState() {
  try {
    return JSON.parse(readFileSync(join(dataDirectory, "state.json"), "utf8"));
  } catch {
    return {};
  }
}

export function writeState(changes) {
  const state = { ...readState(), ...changes };
  writeFileSync(dataPath("state.json"), `${JSON.stringify(state, null, 2)}\n`);
  return state;
}

const handedOut = new Set();

/** The port that `name` had at the last start when it is free, else the first free one from `first` on; kept for the next start. */
export async function keepPort(name, first) {
  const ports = readState().ports ?? {};
  const others = Object.entries(ports).flatMap(([other, port]) => (other === name ? [] : [port]));
  const kept = ports[name];
  const port =
    kept && !handedOut.has(kept) && (await isPortFree(kept))
      ? kept
      : await findFreePort(first, [...others, ...handedOut]);
  handedOut.add(port);
  writeState({ ports: { ...readState().ports, [name]: port } });
  return port;
}

/**
 * The port that `name` has, whoever may be there now: two programs of this checkout meet on it. Chosen among free ones the first time.
 */
export async function keepKnownPort(name, first) {
  return readState().ports?.[name] ?? keepPort(name, first);
}

/** A random value in a file that only its owner reads; made when it is not there. */
export function keepSecretFile(name, make = () => randomBytes(32).toString("base64url")) {
  const path = dataPath(name);
  if (!existsSync(path)) writeFileSync(path, `${make()}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  return readFileSync(path, "utf8").trim();
}

/** Who runs here: null, or what the running start wrote (`pid`, `url`). A lock whose process is gone counts for nothing. */
export function readLock() {
  try {
    const lock = JSON.parse(readFileSync(join(dataDirectory, "lock.json"), "utf8"));
    return lock.pid !== process.pid && isAlive(lock.pid) && readBirth(lock.pid) === lock.birth ? lock : null;
  } catch {
    return null;
  }
}

/** Takes the lock of this checkout. False when another start took it at the same moment. */
export function takeLock() {
  const path = dataPath("lock.json");
  if (readLock()) return false;
  rmSync(path, { force: true });
  try {
    writeFileSync(path, JSON.stringify({ pid: process.pid, birth: readBirth(process.pid) }), {
      flag: "wx",
      mode: 0o600,
    });
    return true;
  } catch {
    return false;
  }
}

/** Adds to the lock what others want to know: the address, how to reach the database. */
export function describeLock(facts) {
  const lock = { pid: process.pid, birth: readBirth(process.pid), ...facts };
  writeFileSync(dataPath("lock.json"), JSON.stringify(lock), { mode: 0o600 });
  chmodSync(dataPath("lock.json"), 0o600);
}

export function releaseLock() {
  rmSync(join(dataDirectory, "lock.json"), { force: true });
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** When a process began, on Linux: process ids are used again after a reboot. */
function readBirth(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return null;
  }
}
