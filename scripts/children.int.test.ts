import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";

const scripts = pathToFileURL(fileURLToPath(new URL(".", import.meta.url))).href;
const folder = await mkdtemp(join(tmpdir(), "millrace-children-"));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Runs a script of lines that may use `startChild`, `keepRunning`, `stopWithParent`, and prints the pids that it starts. */
async function runScript(name: string, lines: string): Promise<ChildProcess> {
  const path = join(folder, `${name}.mjs`);
  const head = `
    import { startChild, stopChild, stopWithParent, listChildren } from "${scripts}children.mjs";
    import { keepRunning } from "${scripts}supervise.mjs";
    const sleeper = () => { const child = startChild("sleeper", process.execPath, ["-e", "setInterval(() => {}, 1000)"]); console.log("pid " + child.pid); return child; };`;
  await writeFile(path, `${head}\n${lines}\n`);
  const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  return child;
}

function readPids(child: ChildProcess, count: number): Promise<number[]> {
  return new Promise((resolve) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk;
      const pids = [...text.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]));
      if (pids.length >= count) resolve(pids);
    });
  });
}

/** A process that nobody has waited for yet is dead, too. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat !== null && !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
}

async function expectGone(pids: number[]): Promise<void> {
  await expect
    .poll(async () => (await Promise.all(pids.map(isRunning))).some(Boolean), { timeout: 20_000 })
    .toBe(false);
}

describe.runIf(process.platform === "linux")("what a script starts", () => {
  it("ends when the script is killed", async () => {
    const script = await runScript("killed", "sleeper(); sleeper(); setInterval(() => {}, 1000);");
    const pids = await readPids(script, 2);
    script.kill("SIGKILL");
    await expectGone(pids);
  });

  it("ends when the script's parent is killed", async () => {
    const stop =
      "stopWithParent(async () => { await Promise.all(listChildren().map((child) => stopChild(child))); process.exit(0); });";
    const inner = await runScript("inner", "");
    inner.kill("SIGKILL");
    await writeFile(
      join(folder, "inner-body.mjs"),
      `${await readFile(join(folder, "inner.mjs"), "utf8")}${stop} sleeper(); setInterval(() => {}, 1000);`,
    );
    const outer = await runScript(
      "outer",
      `import { spawn } from "node:child_process"; spawn(process.execPath, [${JSON.stringify(join(folder, "inner-body.mjs"))}], { stdio: "inherit" }); setInterval(() => {}, 1000);`,
    );
    const pids = await readPids(outer, 1);
    outer.kill("SIGKILL");
    await expectGone(pids);
  });

  it("is started again when it dies, and not when it is stopped", async () => {
    const script = await runScript(
      "kept",
      `const kept = await keepRunning("The sleeper", async () => sleeper()); process.on("SIGTERM", async () => { await kept.stop(); process.exit(0); }); setInterval(() => {}, 1000);`,
    );
    const [first] = await readPids(script, 1);
    const again = readPids(script, 1);
    process.kill(first!, "SIGKILL");
    const [second] = await again;
    expect(second).not.toBe(first);
    script.kill("SIGTERM");
    await expectGone([second!, script.pid!]);
  });
});
