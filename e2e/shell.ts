/** The command line as people run it: `npm run --silent flow -- …`, with the server and token of the environment. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs one command. Never throws: the exit code is part of what is tested. */
export async function flow(args: string[], options: Surroundings = {}): Promise<Ran> {
  return run(process.execPath, ["scripts/flow.mjs", ...args], options);
}

/** The same by way of npm, as the documents write it. */
export async function runNpm(args: string[]): Promise<Ran> {
  return run("npm", ["run", "--silent", "flow", "--", ...args], {});
}

interface Surroundings {
  env?: Record<string, string>;
  /** What stands on standard input. */
  input?: string;
}

async function run(program: string, args: string[], options: Surroundings): Promise<Ran> {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  child.stdin.end(options.input ?? "");
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? 1, out, err };
}

/** Runs a command with `--json` and gives its document. @throws when it fails */
export async function flowJson<Document>(args: string[], input = ""): Promise<Document> {
  const ran = await flow([...args, "--json"], { input });
  if (ran.code !== 0) throw new Error(`flow ${args.join(" ")}: ${ran.err}`);
  return JSON.parse(ran.out) as Document;
}

/** Saves a drawing as the draft of its flow, as `push -` does. */
export async function pushFlow(document: {
  name: string;
  title?: string;
  settings?: object;
  nodes: object[];
  edges: object[];
}): Promise<void> {
  const ran = await flow(["push", "-"], { input: JSON.stringify({ format: "millrace/flow@1", ...document }) });
  if (ran.code !== 0) throw new Error(ran.err);
}
