import type { ParseArgsConfig } from "node:util";
import type { Client } from "./client";

/** What a command gets: its arguments, and the world through a few holes. */
export interface CommandInput {
  /** Positional arguments, as many as the command asked for or more. */
  args: string[];
  options: Record<string, string | boolean | string[] | undefined>;
  client: Client;
  env: Readonly<Record<string, string | undefined>>;
  /** @throws CommandFailure when it cannot be read */
  readFile(path: string): Promise<string>;
  fileExists(path: string): boolean;
  /** @throws CommandFailure when it cannot be written */
  writeFile(path: string, text: string, append?: boolean): Promise<void>;
  /** Paths of the files in a folder and those below it. @throws CommandFailure when it cannot be read */
  listFiles(folder: string): Promise<string[]>;
  /** Asks the person at the terminal yes or no; absent where there is none. */
  ask?: ((question: string) => Promise<boolean>) | undefined;
  /** Tells progress, on standard error. */
  say(words: string): void;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** What a command found. */
export interface CommandResult {
  /** The document that `--json` prints. */
  data: unknown;
  /** The same for a person. */
  text: string;
  /** Why it counts as failed; goes to standard error, with exit code 1. */
  failure?: string;
  /** Where the answer itself is in the exit code. */
  exitCode?: number;
}

export interface Command {
  /** `deploy FILE | NAME[@VERSION] [--wait SECONDS]` */
  usage: string;
  summary: string;
  /** How many positional arguments it needs. */
  needs: number;
  /** Most that it takes; absent: as many as it needs. */
  takes?: number;
  options?: NonNullable<ParseArgsConfig["options"]>;
  /** Works without a server; with `--server`, if it takes that, it asks one. */
  offline?: boolean;
  /** Exit code of what could not be done; absent: 1. */
  troubleCode?: number;
  run(input: CommandInput): Promise<CommandResult>;
}
