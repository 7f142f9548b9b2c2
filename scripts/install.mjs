/** What a checkout needs before anything else runs: packages, the embedded Postgres's links, the Prisma client. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readState, root, writeState } from "./data.mjs";
import { runOrFail } from "./system.mjs";
import { Refusal, step } from "./terminal.mjs";

/** Node's oldest release that the packages take. */
const oldestNode = [20, 9];

export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new Refusal(`Node ${process.versions.node} is too old: Millrace needs Node ${oldestNode.join(".")} or newer.`);
}

/** Installs the packages of package-lock.json when something is missing or of another version, and generates the Prisma client. */
export async function installPackagesOfLock() {
  await step("Packages", async (note) => {
    if (isInstalled()) return false;
    note("installed with npm ci");
    // Without install scripts: nothing here needs one (see allowScripts in package.json), and nothing foreign runs.
    const args = [
      "ci",
      "--ignore-scripts",
      "--include=dev",
      "--include=optional",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ];
    const windows = process.platform === "win32";
    await runOrFail("npm ci", windows ? "npm.cmd" : "npm", args, { cwd: root, timeoutMs: 900_000, shell: windows });
  });
}

/** Generates the database client when the schema changed. */
export async function generateClient() {
  await step("Database client", async (note) => {
    const hash = hashFiles(["prisma/schema.prisma", "package-lock.json"]);
    if (readState().client === hash && existsSync(join(root, "prisma", "generated", "client.ts"))) return false;
    note("generated");
    // Prisma would fetch an engine that generating does not use: any existing file passes for it.
    const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" };
    const prisma = join(root, "node_modules", "prisma", "build", "index.js");
    await runOrFail("prisma generate", process.execPath, [prisma, "generate"], { cwd: root, env, timeoutMs: 120_000 });
    writeState({ client: hash });
  });
}

/** Is each package of the lock there in its version? npm keeps what it installed in a hidden lock of the same shape. */
function isInstalled() {
  const read = (...path) => JSON.parse(readFileSync(join(root, ...path), "utf8")).packages;
  try {
    const installed = read("node_modules", ".package-lock.json");
    return Object.entries(read("package-lock.json")).every(
      ([path, wanted]) => path === "" || wanted.optional || installed[path]?.version === wanted.version,
    );
  } catch {
    return false;
  }
}

/** One hash over files and whole folders (by relative path, without tests), to see whether a build is still that of its sources. */
export function hashFiles(paths) {
  const hash = createHash("sha256");
  const add = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    let entries;
    try {
      entries = readdirSync(full, { withFileTypes: true });
    } catch {
      hash.update(path).update("\0").update(readFileSync(full)).update("\0");
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory() || !/\.test\.tsx?$/.test(entry.name)) add(`${path}/${entry.name}`);
    }
  };
  for (const path of paths) add(path);
  return hash.digest("hex");
}
