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
export async function flow(
  args: string[],
  options: { env?: Record<string, string>; input?: string } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, ["scripts/flow.mjs", ...args], {
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
export async function flowJson<Document>(args: string[]): Promise<Document> {
  const ran = await flow([...args, "--json"]);
  if (ran.code !== 0) throw new Error(`flow ${args.join(" ")}: ${ran.err}`);
  return JSON.parse(ran.out) as Document;
}

/** Saves a drawing as the draft of its flow, as `push -` does. */
export async function pushFlow(document: { name: string; nodes: object[]; edges: object[] }): Promise<void> {
  const ran = await flow(["push", "-"], { input: JSON.stringify({ format: "millrace/flow@1", ...document }) });
  if (ran.code !== 0) throw new Error(ran.err);
}
