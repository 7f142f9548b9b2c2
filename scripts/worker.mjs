/** `npm run worker [-- --label X]`: one more worker, anywhere with the same database and secret. */
import { parseArgs } from "node:util";
import { workerProcess } from "./application.mjs";
import { findEnvironment } from "./local.mjs";
import { runBundle } from "./run-bundle.mjs";
import { fail } from "./terminal.mjs";

try {
  const { label } = parseArgs({ options: { label: { type: "string" } } }).values;
  const named = label === undefined ? {} : { MILLRACE_WORKER_LABEL: label };
  await runBundle("worker", [], {
    env: { NODE_ENV: "production", ...workerProcess.env, ...findEnvironment("A worker"), ...named },
    flags: workerProcess.flags,
  });
} catch (error) {
  fail(error);
  process.exit(1);
}
