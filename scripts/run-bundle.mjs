/** Runs one of the bundles in this terminal, building it first when its sources changed. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildBundles } from "./build.mjs";
import { root } from "./data.mjs";
import { checkNode, generateClient, installPackagesOfLock } from "./install.mjs";
import { printTo } from "./terminal.mjs";

/** Ends this process with the bundle's exit code. Progress goes to standard error: standard output is the bundle's. */
export async function runBundle(name, args, { env, flags = [] }) {
  printTo(process.stderr);
  checkNode();
  await installPackagesOfLock();
  await generateClient();
  await buildBundles();
  const child = spawn(process.execPath, [...flags, join(root, "dist", `${name}.mjs`), ...args], {
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
