/** `npm run reset-password -- EMAIL`: a new password for someone who cannot sign in. */
import { findEnvironment } from "./local.mjs";
import { runBundle } from "./run-bundle.mjs";
import { fail } from "./terminal.mjs";

try {
  await runBundle("reset-password", process.argv.slice(2), { env: findEnvironment("A password") });
} catch (error) {
  fail(error);
  process.exit(1);
}
