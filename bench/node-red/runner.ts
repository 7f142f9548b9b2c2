import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { RigServices } from "../../runtime/system/rig";
import { findAnyPort } from "../../scripts/network.mjs";
import type { Places } from "../case";
import type { Runner } from "../runner";
import { drawNodeRed } from "./flow";

const packages = { "node-red": "4.1.8", "node-red-contrib-kafkajs": "0.0.7" };
const home = fileURLToPath(new URL("../../.data/bench/node-red", import.meta.url));
const closeTimeoutMs = 5_000;

/** Node-RED in a folder of its own, fetched the first time, with its editor switched off. @throws Error when it cannot be had */
export async function openNodeRed(services: RigServices): Promise<Runner> {
  await install();
  let child: ChildProcess | undefined;
  let words = "";
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failure.catch(() => {});

  const stop = async () => {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null) return;
    const gone = new Promise((resolve) => ending.once("exit", resolve));
    ending.kill("SIGTERM");
    const hard = setTimeout(() => ending.kill("SIGKILL"), closeTimeoutMs);
    await gone;
    clearTimeout(hard);
  };
  return {
    pids: () => (child?.pid ? [child.pid] : []),
    async start(at: Places) {
      await writeFile(join(home, "flows.json"), JSON.stringify(drawNodeRed(services.kafkaBrokers, at)));
      await writeFile(join(home, "settings.js"), writeSettings(await findAnyPort()));
      const program = join(home, "node_modules", "node-red", "red.js");
      const started = spawn(process.execPath, [program, "--userDir", home, "--settings", join(home, "settings.js")], {
        cwd: home,
        stdio: ["ignore", "pipe", "pipe"],
      });
      child = started;
      const keep = (part: Buffer) => {
        words = (words + part.toString()).slice(-2_000);
      };
      started.stdout.on("data", keep);
      started.stderr.on("data", keep);
      started.once("exit", () => {
        if (child === started) fail(new Error(`Node-RED ended: ${words}`));
      });
      return undefined;
    },
    stop,
    failure,
    close: stop,
  };
}

async function install(): Promise<void> {
  const isThere = Object.entries(packages).every(([name, version]) => {
    const manifest = join(home, "node_modules", name, "package.json");
    return (
      existsSync(manifest) && (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version === version
    );
  });
  if (isThere) return;
  await mkdir(home, { recursive: true });
  await writeFile(join(home, "package.json"), JSON.stringify({ private: true, dependencies: packages }));
  await promisify(execFile)("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: home,
    timeout: 300_000,
  });
}

function writeSettings(port: number): string {
  const settings = {
    uiHost: "127.0.0.1",
    uiPort: port,
    flowFile: "flows.json",
    credentialSecret: false,
    disableEditor: true,
    logging: { console: { level: "error", metrics: false, audit: false } },
  };
  return `module.exports = ${JSON.stringify(settings)};\n`;
}
