/** Other programs: run them, find them, install them from the distribution when we may. */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { print, Refusal } from "./terminal.mjs";

/** Programs that run now; they end with us. */
const active = new Set();
process.on("exit", () => {
  for (const child of active) child.kill("SIGTERM");
});

/** Runs a program to its end. Gives its code and output; throws only when it cannot be started. */
export function run(command, args, { timeoutMs, inherit = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = inherit ? "inherit" : ["ignore", "pipe", "pipe"];
    const child = spawn(command, args, { ...options, stdio, timeout: timeoutMs, killSignal: "SIGKILL" });
    active.add(child);
    let output = "";
    const collect = (chunk) => {
      output = (output + chunk).slice(-200_000);
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    child.once("error", (error) => {
      active.delete(child);
      reject(error);
    });
    child.once("close", (code, signal) => {
      active.delete(child);
      resolve({ ok: code === 0, code: code ?? signal, output: output.trimEnd() });
    });
  });
}

/** Runs a program that has to succeed; its last lines are in the error. */
export async function runOrFail(what, command, args, options) {
  const result = await run(command, args, options);
  if (!result.ok) {
    throw new Refusal(`${what} failed (exit ${result.code}):\n${result.output.split("\n").slice(-25).join("\n")}`);
  }
  return result.output;
}

/** Where a program is, as the shell would find it; null when it is not there. */
export function findProgram(name) {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/** May we install packages of the distribution: root on Debian or Ubuntu, and not told otherwise? */
export function canInstall({ install }) {
  return install && process.getuid?.() === 0 && isDebianLike() && findProgram("apt-get") !== null;
}

function isDebianLike() {
  if (!existsSync("/etc/os-release")) return false;
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"));
}

let updated = false;

/** Installs packages of the distribution, saying so first. False when that failed. */
export async function installPackages(packages, purpose) {
  print(`  … installing ${packages.join(", ")} with apt-get, for ${purpose} (--no-install declines)`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  if (!updated) {
    await run("apt-get", ["update", "-q"], { env, timeoutMs: 180_000 });
    updated = true;
  }
  const args = ["install", "-y", "-q", "--no-install-recommends", ...packages];
  const result = await run("apt-get", args, { env, timeoutMs: 600_000 });
  return result.ok;
}

/** The major version of the Java that is there; null when there is none. */
export async function readJavaMajor(java = "java") {
  const result = await run(java, ["-version"]).catch(() => null);
  const match = result?.output.match(/version "(\d+)/);
  return match ? Number(match[1]) : null;
}
