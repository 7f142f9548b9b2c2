import type { Client } from "./client";
import { runCommand, type Surroundings } from "./run-command";

/** Runs a line against a pretended client. Returns its exit code and what it wrote. */
export async function runLine(
  line: readonly string[],
  client: object,
  around: Partial<Surroundings> = {},
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const code = await runCommand(line, {
    env: {},
    write: (text) => {
      out += text;
    },
    complain: (text) => {
      err += text;
    },
    readFile: async () => "",
    fileExists: () => false,
    listFiles: async () => [],
    writeFile: async () => {},
    now: () => 1_060_000,
    sleep: async () => {},
    client: client as Client,
    ...around,
  });
  return { code, out, err };
}

/** A procedure that keeps what it is asked, and gives the same answer each time. */
export function answering<Answer>(answer: Answer, asked: unknown[] = []) {
  const say = async (input: unknown) => {
    asked.push(input);
    return answer;
  };
  return { query: say, mutate: say };
}
