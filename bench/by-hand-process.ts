import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { RigServices } from "../runtime/system/rig";
import type { Answer, Order } from "./by-hand/main";

const root = fileURLToPath(new URL("..", import.meta.url));
const bundled = `${root}dist/bench/main.mjs`;

/** Bundles the by-hand process once, as the worker is bundled. */
export async function bundleByHand(): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: { main: "bench/by-hand/main.ts" },
    outdir: "dist/bench",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // What a side does not use it does not load: a loop with the stock client must not meet Millrace's producer.
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "error",
  });
}

/** A by-hand process, told what to do over its channel. */
export interface ByHandProcess {
  readonly pid: number;
  /** Resolves with the answer. @throws Error with what went wrong there */
  tell(order: Order): Promise<unknown>;
  /** Rejects when the process dies although nobody ended it. */
  readonly failure: Promise<never>;
  end(): Promise<void>;
}

export function startByHand(services: RigServices): ByHandProcess {
  const child: ChildProcess = fork(bundled, [], {
    cwd: root,
    execArgv: [],
    env: { ...process.env, KAFKA_BROKERS: services.kafkaBrokers, REDIS_URL: services.redisUrl },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let words = "";
  child.stderr!.on("data", (part: Buffer) => {
    words = (words + part.toString()).slice(-4_000);
  });
  let ending = false;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const failure = gone.then((): never => {
    if (ending) return new Promise<never>(() => {}) as never;
    throw new Error(`a process by hand died: ${/^\w*Error.*/m.exec(words)?.[0] ?? words}`);
  });
  failure.catch(() => {});
  return {
    pid: child.pid!,
    failure,
    tell(order) {
      const answered = new Promise<unknown>((resolve, reject) => {
        child.once("message", (answer: Answer) =>
          answer.is === "done" ? resolve(answer.result) : reject(new Error(answer.message)),
        );
        child.send(order);
      });
      return Promise.race([answered, failure]);
    },
    async end() {
      ending = true;
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
