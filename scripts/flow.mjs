/** `npm run --silent flow -- COMMAND`: the command line, on the server that runs here unless MILLRACE_URL says otherwise. */
import { findServer } from "./local.mjs";
import { runBundle } from "./run-bundle.mjs";
import { fail } from "./terminal.mjs";

try {
  await runBundle("cli", process.argv.slice(2), { env: findServer(), flags: ["--enable-source-maps"] });
} catch (error) {
  fail(error);
  process.exit(1);
}
