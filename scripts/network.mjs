/** Ports: which are free, which answer, and whether what answers is what we look for. */
import { connect, createServer } from "node:net";

/** Is nobody listening on this port of 127.0.0.1? */
export function isPortFree(port, host = "127.0.0.1") {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The first free port from `first` on, leaving out `taken`. */
export async function findFreePort(first, taken = []) {
  for (let port = first; port < first + 500; port++) {
    if (!taken.includes(port) && (await isPortFree(port))) return port;
  }
  throw new Error(`No free port between ${first} and ${first + 499}.`);
}

/** A free port chosen by the system: for tests. */
export function findAnyPort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Sends bytes and gives what comes back first; null when nothing does in time. */
export function askPort({ host = "127.0.0.1", port, bytes, timeoutMs = 1_000 }) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => end(null));
    socket.once("error", () => end(null));
    socket.once("close", () => end(null));
    socket.once("connect", () => socket.write(bytes));
    socket.once("data", end);
  });
}

/** Calls `probe` until it gives something truthy. Gives up after `timeoutMs`, or at once when `given up` says so. */
export async function waitFor(probe, { timeoutMs, everyMs = 100, isHopeless = () => false }) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const result = await probe();
    if (result) return result;
    if (isHopeless() || Date.now() > deadline) return null;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
