import { readEnvironment } from "./environment";
import { createLog, describeError } from "./log";
import { mapStackTraces } from "./stack-traces";
import { transports } from "./transports";
import { startWorker } from "./worker";

/** At a signal, what is on its way may end within this time; what is left comes again from its broker. */
const drainMs = 20_000;

mapStackTraces(import.meta.url);
const log = createLog({ pid: process.pid });

try {
  const worker = await startWorker(readEnvironment(process.env), transports, log);
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "worker drains");
    // The process ends in any case: a client library that does not let go must not keep it.
    setTimeout(() => process.exit(1), drainMs + 5_000).unref();
    worker
      .stop(drainMs)
      .then(() => process.exit(0))
      .catch((error: unknown) => {
        log.error(describeError(error), "worker did not end cleanly");
        process.exit(1);
      });
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // A promise of a client library that nobody holds must not take the other flows with it.
  process.on("unhandledRejection", (error) => log.error(describeError(error), "unhandled rejection"));
} catch (error) {
  // Said plainly: this one is for the person who starts it.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
