import type { Redis } from "ioredis";

/** A connection is asked this often whether it is still there … */
export const askEveryMs = 2_000;
/** … and broken when it does not answer for so long: the client makes a new one. */
const silentMs = 5_000;

/**
 * A Redis that hangs, or whose host vanished, closes nothing: commands would wait for it as long as the system keeps the socket.
 * Answers what to do at each turn. Turns that come late are this process's own silence. `pings`: since when each client owes an answer.
 */
export function watchSilence(client: Redis, pings: Map<Redis, number>): () => void {
  let askedForMs: number | null = null;
  let last = Date.now();
  const answered = () => {
    askedForMs = null;
    pings.delete(client);
  };
  return () => {
    const now = Date.now();
    const elapsedMs = Math.min(Math.max(now - last, 0), askEveryMs * 1.5);
    last = now;
    if (client.status !== "ready") {
      answered();
      return;
    }
    if (askedForMs === null) {
      askedForMs = 0;
      pings.set(client, now);
      client.ping().then(answered, answered);
      return;
    }
    askedForMs += elapsedMs;
    if (askedForMs < silentMs) return;
    answered();
    client.stream.destroy(new Error(`timed out: nothing was answered for ${silentMs / 1_000} s`));
  };
}
