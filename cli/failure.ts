/** What ends a command: words for standard error and an exit code. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  constructor(
    message: string,
    readonly options: { code?: string; detail?: string; exitCode?: number } = {},
  ) {
    super(message);
  }

  get exitCode(): number {
    return this.options.exitCode ?? 1;
  }
}

/** The command was written wrongly: exit code 2, with how it is written. */
export function refuseUsage(message: string, usage?: string): CommandFailure {
  const detail = usage === undefined ? "`npm run --silent flow -- help` lists the commands." : `Usage: flow ${usage}`;
  return new CommandFailure(message, { detail, exitCode: 2 });
}
