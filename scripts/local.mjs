/** What other commands of this checkout take from the start that runs here, when they are not told otherwise. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dataDirectory, readLock } from "./data.mjs";
import { Refusal } from "./terminal.mjs";

/** DATABASE_URL and MILLRACE_SECRET (with REDIS_URL, KAFKA_BROKERS): those of the environment, else those of the start that runs here. */
export function findEnvironment(purpose) {
  if (process.env.DATABASE_URL && process.env.MILLRACE_SECRET) return { ...process.env };
  const running = readLock()?.environment;
  if (!running) {
    throw new Refusal(
      `${purpose} needs DATABASE_URL and MILLRACE_SECRET of the Millrace it belongs to, or an \`npm start\` that runs here.`,
    );
  }
  const local = Object.fromEntries(Object.entries(running).filter(([, value]) => value));
  return { ...local, ...process.env };
}

/** MILLRACE_URL and MILLRACE_TOKEN of the start that runs here, where the environment has none. */
export function findServer() {
  const env = { ...process.env };
  const tokenFile = join(dataDirectory, "token");
  const url = readLock()?.url;
  if (!env.MILLRACE_URL && url) env.MILLRACE_URL = url;
  // The local token is good for the local server only.
  if (!env.MILLRACE_TOKEN && (!process.env.MILLRACE_URL || process.env.MILLRACE_URL === url) && existsSync(tokenFile)) {
    env.MILLRACE_TOKEN = readFileSync(tokenFile, "utf8").trim();
  }
  return env;
}
