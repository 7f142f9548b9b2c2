import type { FlowDocument } from "../flow/document";
import { deriveControlToken } from "../prisma/secrets";
import { openRig, type RigServices, type RigWorker, rigSecret, type WorkerProcess } from "../runtime/system/rig";
import { startByHand } from "./by-hand-process";
import type { FlowSide, HandSide, Places, Side } from "./case";
import { openNodeRed } from "./node-red/runner";

/** A side at work, in processes of its own that stay over all rounds of a case. */
export interface Runner {
  pids(): readonly number[];
  /** Begins; what it reads is there already. Answers where requests go, when it takes any. */
  start(at: Places): Promise<Address | undefined>;
  /** Resolves when it is at rest. */
  stop(): Promise<void>;
  /** For people, when something went wrong: what it says of itself. */
  describe?(): Promise<string>;
  /** Rejects when the side can go on no more. */
  readonly failure: Promise<never>;
  close(): Promise<void>;
}

export interface Address {
  readonly url: string;
  readonly token: string;
}

export interface RunnerOptions {
  readonly case: string;
  readonly services: RigServices;
  readonly worker: WorkerProcess;
}

const deathPollMs = 100;
const never = new Promise<never>(() => {});

export function openRunner(side: Side, options: RunnerOptions): Promise<Runner> {
  if (side.by === "flow") return openFlows(side, options);
  if (side.by === "hand") return openByHand(side, options);
  if (side.by === "node-red") return openNodeRed(options.services);
  return Promise.resolve({
    pids: () => [],
    start: async () => undefined,
    stop: async () => {},
    failure: never,
    close: async () => {},
  });
}

async function openByHand(side: HandSide, options: RunnerOptions): Promise<Runner> {
  const child = startByHand(options.services);
  return {
    pids: () => [child.pid],
    async start(at) {
      const answer = await child.tell({ do: "start", case: options.case, side: side.name, at });
      const served = answer as { address: string } | undefined;
      return served && { url: served.address, token: "none" };
    },
    stop: async () => void (await child.tell({ do: "stop" })),
    failure: child.failure,
    close: () => child.end(),
  };
}

/** A database and workers of the side's own, so that memory and processor time are of this side alone. */
async function openFlows(side: FlowSide, { services, worker }: RunnerOptions): Promise<Runner> {
  const rig = await openRig(services);
  for (const kind of ["rabbitmq", "redis", "pulsar"])
    await rig.database.prisma.connection.create({ data: { name: kind, kind, config: { url: "" } } });
  const workers: RigWorker[] = [];
  for (let count = 0; count < (side.workers ?? 1); count++)
    workers.push(rig.startWorker({ NODE_ENV: "production", ...worker.env }, worker.flags));
  let running: string[] = [];
  let round = 0;
  // Cases share input topics: a group of the same name would go on where that of the case before ended.
  const own = Date.now().toString(36);

  let watching: NodeJS.Timeout | undefined;
  const failure = new Promise<never>((_, reject) => {
    watching = setInterval(() => {
      const dead = workers.find((worker) => worker.restarts() > 0);
      if (dead) reject(new Error(`a worker died: ${/FATAL ERROR: (.*)/.exec(dead.log())?.[1] ?? "its log says why"}`));
    }, deathPollMs);
  });
  failure.catch(() => {});

  /** A flow that went wrong writes less, and would only look slow. */
  const checkClean = async () => {
    for (const name of running) {
      const dead = await rig.deadLetters(name);
      if (dead > 0) throw new Error(`${name} has ${dead} dead letters`);
    }
  };
  return {
    pids: () => workers.map((worker) => worker.pid()),
    async start(at) {
      round++;
      const documents: FlowDocument[] = side.flows(at).map((flow, index) => ({
        ...flow,
        name: `${side.name}-${own}-${round}-${index + 1}`,
      }));
      running = documents.map(({ name }) => name);
      for (const document of documents) await rig.deploy(document);
      for (const name of running) await rig.running(name);
      const worker = await rig.database.prisma.worker.findFirst({ orderBy: { heartbeatAt: "desc" } });
      return worker === null
        ? undefined
        : { url: `${worker.address}/in/${at.input}`, token: deriveControlToken(rigSecret) };
    },
    async describe() {
      const told = running.map(async (name) =>
        (await rig.live(name)).map(({ state, cause, lanes }) => {
          const waiting = lanes.map(({ lag, inFlight }) => `${inFlight} in flight of ${lag}`).join(", ");
          return `${name} is ${state}${cause ? ` (${cause.message})` : ""}; lanes: ${waiting || "none"}`;
        }),
      );
      const logs = workers.map((worker) => worker.log().slice(-1_500));
      return [...(await Promise.all(told)).flat(), ...logs].join("\n");
    },
    async stop() {
      await checkClean();
      for (const name of running) await rig.stop(name);
      running = [];
    },
    failure,
    async close() {
      clearInterval(watching);
      await rig.close();
    },
  };
}
