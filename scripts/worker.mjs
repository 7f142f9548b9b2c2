/** `npm run worker`: one more worker, anywhere with the same database and secret. */
import { workerFlags } from "./application.mjs";
import { findEnvironment } from "./local.mjs";
import { runBundle } from "./run-bundle.mjs";
import { fail } from "./terminal.mjs";

try {
  await runBundle("worker", process.argv.slice(2), {
    env: { NODE_ENV: "production", ...findEnvironment("A worker") },
    flags: workerFlags,
  });
} catch (error) {
  fail(error);
  process.exit(1);
}
