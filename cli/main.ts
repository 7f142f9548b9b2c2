/** The command line: `npm run --silent flow -- COMMAND`. A client of the server's API. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
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
async function write(path: string, text: string): Promise<void> {
  const there = locate(path);
  try {
    await writeFile(existsSync(there) ? there : resolve(process.env.INIT_CWD ?? process.cwd(), path), text);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw new CommandFailure(`${path} cannot be written (${code ?? "unknown"}).`);
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
  now: Date.now,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
});
