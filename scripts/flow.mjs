/** `npm run --silent flow -- COMMAND`: the command line, on the server that runs here unless MILLRACE_URL says otherwise. */
import { findServer } from "./local.mjs";
import { buildBundle } from "./run-bundle.mjs";
import { fail } from "./terminal.mjs";

try {
  const file = await buildBundle("cli");
  Object.assign(process.env, findServer());
  process.setSourceMapsEnabled(true);
  // A killed npm tells its child nothing: the child is only handed to another parent.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.exit(1), 500).unref();
  // In this process: another one would take as long again to start. It reads its arguments and sets the exit code.
  await import(file);
} catch (error) {
  fail(error);
  process.exit(1);
}
