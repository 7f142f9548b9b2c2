/** The command line: `npm run --silent flow -- COMMAND`. A client of the server's API. */
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { CommandFailure } from "./failure";
import { runCommand } from "./run-command";

/** npm runs scripts in the package's folder; files are meant as seen from where the person stands. */
function locate(path: string): string {
  const fromPerson = resolve(process.env.INIT_CWD ?? process.cwd(), path);
  return existsSync(fromPerson) ? fromPerson : resolve(path);
}

async function read(path: string): Promise<string> {
  try {
    return path === "-" ? await text(process.stdin) : await readFile(locate(path), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw new CommandFailure(
      code === "ENOENT" ? `There is no file ${path}.` : `${path} cannot be read (${code ?? "unknown"}).`,
    );
  }
}

/** A file that is there is written where it was read; a new one as seen from where the person stands. */
async function write(path: string, text: string, append = false): Promise<void> {
  const there = locate(path);
  try {
    const place = existsSync(there) ? there : resolve(process.env.INIT_CWD ?? process.cwd(), path);
    await writeFile(place, text, { flag: append ? "a" : "w" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw new CommandFailure(`${path} cannot be written (${code ?? "unknown"}).`);
  }
}

async function list(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(locate(folder), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw new CommandFailure(
      code === "ENOENT" ? `There is no folder ${folder}.` : `${folder} cannot be read (${code ?? "unknown"}).`,
    );
  }
}

/** On standard error, as standard output is for the answer. */
async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

// What is piped into `head` ends early; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  write: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  readFile: read,
  fileExists: (path) => existsSync(locate(path)),
  writeFile: write,
  listFiles: list,
  ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
  now: Date.now,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
});
