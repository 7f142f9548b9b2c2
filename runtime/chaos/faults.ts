import { writeFile } from "node:fs/promises";
import type { RigWorker } from "../system/rig";
import type { TcpProxy } from "../transports/tcp-proxy";
import type { Crew } from "./crew";
import { type House, serverOf } from "./house";
import type { Random } from "./random";
import type { Ground } from "./shape";

/** What a fault can reach. */
export interface Scene {
  readonly house: House;
  readonly crew: Crew;
  readonly random: Random;
  /** The file that holds the workers' clock shift. */
  readonly clockFile: string;
  /** Deploys another version of the flow and waits until it runs. */
  redeploy(): Promise<void>;
}

/** One kind of trouble. `begin` brings it about and gives what ends it; the moments between are drawn from the seed. */
export interface Fault {
  readonly name: string;
  readonly title: string;
  /** How often in a cell, from and to. */
  readonly rounds: readonly [number, number];
  readonly lastsMs: readonly [number, number];
  /** How often what is in flight may come again for each round: 0 where a hand-over is clean. */
  readonly repeats: number;
  /** Only for shapes that stand on this. */
  readonly of?: Ground;
  readonly needsClock?: boolean;
  begin(scene: Scene): Promise<() => Promise<void>>;
}

const nothing = async () => {};
const restart = (name: Ground | "postgres", end: "stop" | "kill") => async (scene: Scene) => {
  const server = serverOf(scene.house, name);
  await server[end]();
  return () => server.start();
};
const silence = (name: Ground | "postgres", which: Parameters<TcpProxy["silence"]>[0]) => async (scene: Scene) => {
  const proxy = scene.house.proxies[name];
  proxy.silence(which);
  return async () => proxy.speak();
};

/** Of a broker in the middle of a flow. */
const endsOf = (of: Ground, title: string): Fault[] => [
  {
    name: `${of}-restart`,
    title: `${title} is stopped and started`,
    rounds: [1, 2],
    lastsMs: [500, 4_000],
    repeats: 1,
    of,
    begin: restart(of, "stop"),
  },
  {
    name: `${of}-kill`,
    title: `${title} is killed and started`,
    rounds: [1, 2],
    lastsMs: [500, 4_000],
    repeats: 1,
    of,
    begin: restart(of, "kill"),
  },
  {
    name: `${of}-silent`,
    title: `${title} accepts and never answers`,
    rounds: [1, 1],
    lastsMs: [8_000, 25_000],
    repeats: 4,
    of,
    begin: silence(of, "both"),
  },
];

export const faults: readonly Fault[] = [
  {
    name: "worker-kill",
    title: "a worker is killed with -9",
    rounds: [1, 4],
    lastsMs: [0, 0],
    repeats: 1,
    async begin({ crew, random }) {
      crew.kill(crew.pick(random));
      return nothing;
    },
  },
  {
    name: "worker-stop",
    title: "a worker stands still for 40 s (SIGSTOP)",
    rounds: [1, 1],
    lastsMs: [40_000, 40_000],
    repeats: 1,
    async begin({ crew, random }) {
      const worker = crew.pick(random);
      worker.kill("SIGSTOP");
      return async () => worker.kill("SIGCONT");
    },
  },
  {
    name: "broker-restart",
    title: "Kafka is stopped and started",
    rounds: [1, 2],
    lastsMs: [500, 5_000],
    repeats: 1,
    begin: restart("kafka", "stop"),
  },
  {
    name: "broker-kill",
    title: "Kafka is killed and started",
    rounds: [1, 2],
    lastsMs: [500, 12_000],
    repeats: 1,
    begin: restart("kafka", "kill"),
  },
  {
    name: "broker-silent",
    title: "Kafka accepts and never answers",
    rounds: [1, 1],
    lastsMs: [8_000, 25_000],
    repeats: 2,
    begin: silence("kafka", "both"),
  },
  {
    name: "broker-mute",
    title: "Kafka does what it is asked, its answers do not come",
    rounds: [1, 1],
    lastsMs: [8_000, 20_000],
    // Each try of a batch may have been written.
    repeats: 4,
    begin: silence("kafka", "answers"),
  },
  {
    name: "broker-half-open",
    title: "connections to Kafka are half open: it has left, the client is not told",
    rounds: [2, 2],
    lastsMs: [0, 0],
    repeats: 2,
    async begin({ house }) {
      house.proxies.kafka.abandon();
      return nothing;
    },
  },
  {
    name: "redis-restart",
    title: "Redis is stopped and started",
    rounds: [1, 3],
    lastsMs: [200, 4_000],
    repeats: 1,
    of: "redis",
    begin: restart("redis", "stop"),
  },
  {
    name: "redis-kill",
    title: "Redis is killed and started",
    rounds: [1, 3],
    lastsMs: [200, 8_000],
    repeats: 1,
    of: "redis",
    begin: restart("redis", "kill"),
  },
  {
    name: "redis-silent",
    title: "Redis accepts and never answers",
    rounds: [1, 1],
    lastsMs: [8_000, 25_000],
    repeats: 4,
    of: "redis",
    begin: silence("redis", "both"),
  },
  ...endsOf("rabbitmq", "RabbitMQ"),
  ...endsOf("pulsar", "Pulsar"),
  {
    name: "postgres-restart",
    title: "Postgres is stopped and started",
    rounds: [1, 2],
    lastsMs: [500, 6_000],
    repeats: 0,
    begin: restart("postgres", "stop"),
  },
  {
    name: "postgres-kill",
    title: "Postgres is killed and started",
    rounds: [1, 2],
    lastsMs: [500, 6_000],
    repeats: 0,
    begin: restart("postgres", "kill"),
  },
  {
    name: "postgres-silent",
    title: "Postgres accepts and never answers",
    rounds: [1, 1],
    lastsMs: [5_000, 15_000],
    repeats: 0,
    begin: silence("postgres", "both"),
  },
  {
    name: "connection-cut",
    title: "connections are reset and refused by a proxy",
    rounds: [2, 4],
    lastsMs: [0, 3_000],
    repeats: 1,
    async begin({ house, random }) {
      const proxies = Object.values(house.proxies);
      const cut = random.shuffle(proxies).slice(0, random.between(1, proxies.length));
      await Promise.all(cut.map((proxy) => proxy.cut()));
      return async () => void (await Promise.all(cut.map((proxy) => proxy.listen())));
    },
  },
  {
    name: "clock-jump",
    title: "the workers' clock jumps by up to a day, forward or back, and later is right again",
    rounds: [2, 2],
    // Longer than the group's session: heartbeats that wait for the clock would be missed.
    lastsMs: [1_500, 16_000],
    // A day later, the client takes each request on its way for one without an answer.
    repeats: 1,
    needsClock: true,
    async begin({ clockFile, random }) {
      const seconds = random.pick([5, 60, 3_600, 86_400]) * random.pick([1, -1]);
      await writeFile(clockFile, seconds > 0 ? `+${seconds}` : String(seconds));
      return () => writeFile(clockFile, "+0");
    },
  },
  {
    name: "rebalance",
    title: "a worker joins, and leaves or is killed",
    rounds: [2, 3],
    lastsMs: [2_000, 5_000],
    repeats: 3,
    async begin({ crew, random }) {
      const guest: RigWorker = crew.join();
      return async () => {
        // Killed, it would be started again: that is one more to join.
        if (random.next() < 0.5) crew.kill(guest);
        await crew.leave(guest);
      };
    },
  },
  {
    name: "redeploy",
    title: "another version is deployed",
    rounds: [3, 5],
    lastsMs: [0, 0],
    repeats: 0,
    async begin({ redeploy }) {
      await redeploy();
      return nothing;
    },
  },
];
