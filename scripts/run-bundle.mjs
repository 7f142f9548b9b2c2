/** Runs one of the bundles in this terminal, building it first when its sources changed. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildBundles } from "./build.mjs";
import { root } from "./data.mjs";
import { checkNode, generateClient, installPackagesOfLock } from "./install.mjs";
import { printTo } from "./terminal.mjs";

/** Builds a bundle when its sources changed, and gives its address. Progress goes to standard error: standard output is the bundle's. */
export async function buildBundle(name) {
  printTo(process.stderr);
  checkNode();
  await installPackagesOfLock();
  await generateClient();
  await buildBundles();
  return pathToFileURL(join(root, "dist", `${name}.mjs`)).href;
}

/** Runs a bundle as a process of its own, and ends this one with its exit code. */
export async function runBundle(name, args, { env, flags = [] }) {
  const file = fileURLToPath(await buildBundle(name));
  const child = spawn(process.execPath, [...flags, file, ...args], {
    stdio: "inherit",
    env,
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, 500).unref();
  child.once("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  child.once("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
