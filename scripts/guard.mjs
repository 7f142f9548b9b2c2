/**
 * Stops what a script started when the script itself is killed and cannot. It holds the other end of a pipe: lines `add PID SIGNAL` and
 * `remove PID` come in; when the pipe closes, the processes that are still listed are asked to stop, newest first, then made to.
 */
import { createInterface } from "node:readline";

const children = new Map();
const hardAfterMs = 15_000;

// A closing terminal must not take the guard with it before it has done its work.
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"]) process.on(signal, () => {});

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [command, pid, signal] = line.split(" ");
    if (command === "add") children.set(Number(pid), signal);
    if (command === "remove") children.delete(Number(pid));
  })
  .on("close", async () => {
    const deadline = Date.now() + hardAfterMs;
    for (const [pid, signal] of [...children].reverse()) send(pid, signal);
    while ([...children.keys()].some(isAlive) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100));
    for (const pid of children.keys()) send(pid, "SIGKILL");
    process.exit(0);
  });

function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone.
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
