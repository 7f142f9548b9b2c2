/** Keeps a process running: starts it again when it ends without being asked to. */
import { stopChild } from "./children.mjs";
import { warn } from "./terminal.mjs";

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** A process that ran this long has recovered: its next end counts as the first. */
const settledMs = 30_000;

/**
 * `start` starts the process and gives the child (see children.mjs); it may wait until it answers. Gives `child()` and `stop()`.
 */
export async function keepRunning(name, start, { stopWithinMs } = {}) {
  let stopping = false;
  let child = await start();
  let pauseMs = firstPauseMs;
  let starting = null;
  const watch = async () => {
    for (;;) {
      const began = Date.now();
      const { code, signal } = await child.exited;
      if (stopping) return;
      if (Date.now() - began > settledMs) pauseMs = firstPauseMs;
      const log = child.log ? ` Its log: ${child.log}` : "";
      warn(`${name} ended (${signal ?? `exit ${code}`}); starting it again.${log}`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      if (stopping) return;
      starting = start();
      try {
        child = await starting;
      } catch (error) {
        warn(`${name} did not start: ${error.message}`);
      }
    }
  };
  const watching = watch();
  return {
    child: () => child,
    async stop() {
      stopping = true;
      await starting?.catch(() => {});
      await stopChild(child, stopWithinMs);
      await watching;
    },
  };
}
