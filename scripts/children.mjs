/** Processes that a script starts: their logs, their stop, and the guard that ends them when the script is killed. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const running = [];
let guard;

/**
 * Starts a process with its output in a file. It gets a process group of its own, so that Ctrl-C reaches it through us, in order.
 * `stopSignal` is what asks it to end; `uid`, `gid`, `cwd`, `env` as in node:child_process.
 */
export function startChild(name, command, args, { log, stopSignal = "SIGTERM", ...options } = {}) {
  let output = "ignore";
  if (log) {
    mkdirSync(dirname(log), { recursive: true });
    output = openSync(log, "a");
  }
  const process_ = spawn(command, args, { ...options, detached: true, stdio: ["ignore", output, output] });
  if (output !== "ignore") closeSync(output);
  const child = { name, process: process_, pid: process_.pid, log, stopSignal, ended: false, exited: undefined };
  child.exited = new Promise((resolve) => {
    const end = (code, signal, error) => {
      if (child.ended) return;
      child.ended = true;
      tellGuard(`remove ${child.pid}`);
      running.splice(running.indexOf(child), 1);
      resolve({ code, signal, error });
    };
    process_.once("exit", (code, signal) => end(code, signal));
    process_.once("error", (error) => end(null, null, error));
  });
  running.push(child);
  if (child.pid) tellGuard(`add ${child.pid} ${stopSignal}`);
  return child;
}

/** Asks a process to end and waits; makes it end after `withinMs`. */
export async function stopChild(child, withinMs = 15_000) {
  if (child.ended) return;
  child.stopping = true;
  signalChild(child, child.stopSignal);
  const timer = setTimeout(() => signalChild(child, "SIGKILL"), withinMs);
  await child.exited;
  clearTimeout(timer);
}

/** Ends a process at once, as a crash would. */
export async function killChild(child) {
  child.stopping = true;
  signalChild(child, "SIGKILL");
  await child.exited;
}

export function signalChild(child, signal) {
  if (!child.ended) child.process.kill(signal);
}

/** The last lines of a log, for an error's message. */
export function readLogEnd(path, lines = 12) {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return "";
  }
}

/** What has been started here and still runs. */
export function listChildren() {
  return [...running];
}

/** Calls `stop` once, on Ctrl-C, a signal, a closed terminal, or when the parent (npm, a test, a terminal) is gone. */
export function stopWithParent(stop) {
  let stopped = false;
  const stopOnce = (reason) => {
    if (stopped) return;
    stopped = true;
    stop(reason);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stopOnce(signal));
  // A killed npm tells its child nothing: the child is only handed to another parent.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stopOnce("parent ended");
  }, 500).unref();
}

function tellGuard(line) {
  if (!guard) {
    const script = fileURLToPath(new URL("guard.mjs", import.meta.url));
    guard = spawn(process.execPath, [script], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    guard.stdin.on("error", () => {});
    // Neither the guard nor its pipe keeps this process alive.
    guard.unref();
    guard.stdin.unref?.();
  }
  guard.stdin.write(`${line}\n`);
}
