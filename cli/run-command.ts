import { parseArgs } from "node:util";
import { type Client, explainError, openClient } from "./client";
import type { Command, CommandInput } from "./command";
import { apply } from "./commands/apply";
import { audit } from "./commands/audit";
import { capture, test } from "./commands/cases";
import { connect, connections } from "./commands/connections";
import { dead, deadDiscard, deadTakeBack } from "./commands/dead";
import { deploy, rollback, start, stop } from "./commands/deploy";
import { diff } from "./commands/diff";
import { check, exportFlow, list, push, versions } from "./commands/flows";
import { parked, parkedGiveUp, parkedNow } from "./commands/parked";
import { record, recordStop } from "./commands/record";
import { redrive, redrivePause, redriveResume, redriveStop, redrives } from "./commands/redrive";
import { find, run, runs } from "./commands/runs";
import { saga, sagas } from "./commands/sagas";
import { send } from "./commands/send";
import { sendFrom } from "./commands/send-from";
import { status } from "./commands/status";
import { CommandFailure, refuseUsage } from "./failure";

export const commands: Readonly<Record<string, Command>> = {
  check,
  test,
  capture,
  push,
  diff,
  apply,
  deploy,
  start,
  stop,
  rollback,
  status,
  list,
  export: exportFlow,
  versions,
  find,
  runs,
  run,
  record,
  "record-stop": recordStop,
  sagas,
  saga,
  dead,
  "dead-discard": deadDiscard,
  "dead-take-back": deadTakeBack,
  redrive,
  redrives,
  "redrive-pause": redrivePause,
  "redrive-resume": redriveResume,
  "redrive-stop": redriveStop,
  parked,
  "parked-now": parkedNow,
  "parked-give-up": parkedGiveUp,
  send,
  "send-from": sendFrom,
  connections,
  connect,
  audit,
};

/** Where a command reads and writes. */
export interface Surroundings
  extends Pick<CommandInput, "env" | "readFile" | "fileExists" | "writeFile" | "listFiles" | "ask" | "now" | "sleep"> {
  write(text: string): void;
  complain(text: string): void;
  /** For tests; else the server that the environment names. */
  client?: Client;
}

/** Runs one command line. Returns its exit code: 0 well, 1 not, 2 written wrongly. */
export async function runCommand(argv: readonly string[], around: Surroundings): Promise<number> {
  const [name = "help", ...rest] = argv;
  if (name === "help" || name === "--help" || name === "-h") {
    around.write(writeHelp());
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (!command) throw refuseUsage(`There is no command “${name}”.`);
    const { args, options, json, help } = readArguments(command, rest);
    if (help) {
      around.write(`Usage: flow ${command.usage}\n${command.summary}.\n`);
      return 0;
    }
    const client = around.client ?? (command.offline && options.server !== true ? undefined : openClient(around.env));
    const {
      data,
      text,
      failure,
      exitCode = 0,
    } = await command.run({
      ...around,
      args,
      options,
      // An offline command never looks at it.
      client: client as Client,
      say: (words) => around.complain(`${words}\n`),
    });
    if (json) around.write(`${JSON.stringify(data, null, 2)}\n`);
    else if (text !== "") around.write(`${text}\n`);
    if (failure === undefined) return exitCode;
    around.complain(`${failure}\n`);
    return 1;
  } catch (error) {
    const code = complainAbout(explainError(error, around.env.MILLRACE_URL ?? ""), around);
    return Math.max(code, command?.troubleCode ?? 0);
  }
}

function complainAbout(error: unknown, around: Surroundings): number {
  if (!(error instanceof CommandFailure)) {
    around.complain(
      `The command failed unexpectedly: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return 1;
  }
  const { code, detail } = error.options;
  around.complain(
    `${error.message}${code === undefined ? "" : ` (${code})`}\n${detail === undefined ? "" : `${detail}\n`}`,
  );
  return error.exitCode;
}

function readArguments(command: Command, argv: readonly string[]) {
  let parsed: { values: Record<string, string | boolean | (string | boolean)[] | undefined>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { ...command.options, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    const words = error instanceof Error ? error.message.split(". ")[0]! : String(error);
    throw refuseUsage(`${words}.`, command.usage);
  }
  const { json, help, ...options } = parsed.values as CommandInput["options"];
  const { positionals: args } = parsed;
  const most = command.takes ?? command.needs;
  if (help !== true && (args.length < command.needs || args.length > most)) {
    throw refuseUsage(
      args.length < command.needs ? "Something is missing." : `“${args[most]}” is one too many.`,
      command.usage,
    );
  }
  return { args, options, json: json === true, help: help === true };
}

function writeHelp(): string {
  const lines = Object.values(commands).map((command) => `  ${command.usage}\n      ${command.summary}`);
  return `Usage: npm run --silent flow -- COMMAND [--json]\n\n${lines.join("\n")}\n\nMILLRACE_URL and MILLRACE_TOKEN name another server than the one that runs here.\n`;
}
