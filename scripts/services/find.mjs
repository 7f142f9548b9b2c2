/** Which Postgres, Redis, RabbitMQ and Kafka to use: the given one, the one that runs here, else one that we start. Each says in words what it did. */
import { dataPath, keepKnownPort, keepPort, root } from "../data.mjs";
import { askPort } from "../network.mjs";
import { canInstall, findProgram, installPackages } from "../system.mjs";
import { Refusal, step, warn } from "../terminal.mjs";
import { fetchKafka, findKafkaNeeds, isKafka, startKafka } from "./kafka.mjs";
import { isDockerThere, startKafkaInDocker } from "./kafka-docker.mjs";
import { postgresDirectory, reachDatabase, startPostgres } from "./postgres.mjs";
import { findPulsarNeeds } from "./pulsar.mjs";
import { isRabbit } from "./rabbitmq.mjs";
import { isRedis, keepsData, startRedis } from "./redis.mjs";

/** @returns {{ url: string, words: string, server?: object }} */
export async function findPostgres() {
  return step("Postgres", async (note) => {
    const given = process.env.DATABASE_URL;
    if (given) {
      const words = `using ${new URL(given).host}, ${await reachDatabase(given)}`;
      note(words);
      return { url: given, words };
    }
    const server = await startPostgres({
      dir: postgresDirectory,
      port: await keepPort("postgres", 54_320),
      log: dataPath("logs", "postgres.log"),
    });
    const words = `embedded ${server.version} on 127.0.0.1:${server.port}${server.adopted ? " (was running)" : ""}`;
    note(words);
    return { url: server.url(), words, server };
  });
}

/** @returns {{ url: string | null, words: string, server?: object }} a null url means: BullMQ on Postgres */
export async function findRedis(options) {
  return step("Redis", async (note) => {
    const found = await findRedisQuietly(options);
    note(found.words);
    return found;
  });
}

async function findRedisQuietly(options) {
  const given = process.env.REDIS_URL;
  if (given) return { url: given, words: `using ${await reachRedis(given)}` };
  const withoutRedis = {
    url: null,
    words: "none; queues live in Postgres, for trying out (other BullMQ programs need Redis: set REDIS_URL)",
  };
  if (!options.redis) return withoutRedis;
  const takeLocal = async () => {
    if (!(await keepsData(6379)))
      warn("Redis on localhost:6379 keeps nothing on disk: jobs in queues are gone when it stops.");
    return { url: "redis://127.0.0.1:6379", words: "using localhost:6379" };
  };
  if (await isRedis(6379)) return takeLocal();
  const isThere = () => (findProgram("redis-server") ?? findProgram("valkey-server")) !== null;
  if (!isThere() && canInstall(options)) await installPackages(["redis-server"], "queues");
  if (!isThere()) return withoutRedis;
  // The package may have started its service.
  if (await isRedis(6379)) return takeLocal();
  const server = await startRedis({
    dir: dataPath("redis"),
    port: await keepPort("redis", 6379),
    log: dataPath("logs", "redis.log"),
  });
  return { url: server.url, words: `started ${server.version} on 127.0.0.1:${server.port}`, server };
}

async function reachRedis(url) {
  const { hostname, port, protocol } = new URL(url);
  const host = `${hostname}:${port || 6379}`;
  // With TLS or a password it is the worker that finds out; here only whether somebody listens.
  if (
    protocol === "redis:" &&
    (await askPort({ host: hostname, port: Number(port || 6379), bytes: "PING\r\n" })) === null
  ) {
    throw new Refusal(
      `Redis at ${host} (REDIS_URL) does not answer. Start it or correct the address; without REDIS_URL one is looked for here.`,
    );
  }
  return host;
}

/** One that is given or runs here; none is started, and without one everything else runs. @returns {{ url: string | null, words: string }} */
export async function findRabbit() {
  return step("RabbitMQ", async (note) => {
    const found = await findRabbitQuietly();
    note(found.words);
    return found;
  });
}

async function findRabbitQuietly() {
  const given = process.env.RABBITMQ_URL;
  if (!given) {
    if (await isRabbit(5672)) return { url: "amqp://127.0.0.1:5672", words: "using localhost:5672" };
    return { url: null, words: "none; start one on localhost:5672 or set RABBITMQ_URL for flows that use it" };
  }
  const { hostname, port, protocol } = new URL(given);
  const host = `${hostname}:${port || (protocol === "amqps:" ? 5671 : 5672)}`;
  // With TLS it is the worker that finds out.
  if (protocol === "amqp:" && !(await isRabbit(Number(port || 5672), hostname)))
    warn(`RabbitMQ at ${host} (RABBITMQ_URL) does not answer. Flows that use it wait until it does.`);
  return { url: given, words: `using ${host}` };
}

/**
 * `onBrokers` is told the address as soon as it is certain, before a broker that is being started answers.
 * @returns {{ brokers: string | null, words: string, server?: object }}
 */
export async function findKafka(options, onBrokers = () => {}) {
  return step("Kafka", async (note) => {
    const found = await findKafkaQuietly(options, onBrokers);
    note(found.words);
    onBrokers(found.brokers);
    return found;
  });
}

async function findKafkaQuietly(options, onBrokers) {
  const given = process.env.KAFKA_BROKERS;
  if (given) return { brokers: given, words: `using ${given}` };
  if (!options.kafka) return { brokers: null, words: "none (--no-kafka)" };
  if (await isKafka(9092)) return { brokers: "127.0.0.1:9092", words: "using localhost:9092" };
  const log = dataPath("logs", "kafka.log");
  if (await isDockerThere()) {
    try {
      const server = await startKafkaInDocker({ root, port: await keepPort("kafka", 9092), log });
      return { brokers: server.brokers, words: `started ${server.version} in Docker on ${server.brokers}`, server };
    } catch (error) {
      warn(`${error.message} Trying Java and Maven instead.`);
    }
  }
  return startKafkaFromJars(options, log, onBrokers);
}

async function startKafkaFromJars(options, log, onBrokers) {
  const missing = await installKafkaNeeds(options);
  if (missing.length > 0) {
    const ways = "Install them, start Docker, or set KAFKA_BROKERS=host:9092. Everything else runs";
    return { brokers: null, words: `none; needs ${missing.join(" and ")}. ${ways}` };
  }
  try {
    await fetchKafka();
    const ports = { port: await keepPort("kafka", 9092), controllerPort: await keepPort("kafkaController", 19_093) };
    onBrokers(`127.0.0.1:${ports.port}`);
    const server = await startKafka({ dir: dataPath("kafka"), ...ports, log });
    return { brokers: server.brokers, words: `started ${server.version} on ${server.brokers}`, server };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    warn(error.message);
    return { brokers: null, words: "none; it could not be started (see .data/logs/kafka.log). Everything else runs" };
  }
}

/** Where `npm run services -- pulsar` has one, or will: a worker that runs already finds it there. */
export async function findPulsar() {
  return process.env.PULSAR_URL || `ws://127.0.0.1:${await keepKnownPort("pulsar", 8080)}`;
}

export const installKafkaNeeds = (options) => installJavaNeeds(options, findKafkaNeeds, "Kafka");
export const installPulsarNeeds = (options) => installJavaNeeds(options, findPulsarNeeds, "Pulsar");

/** Installs what is missing of Java and Maven where we may. Gives what is missing still. */
async function installJavaNeeds(options, find, purpose) {
  const missing = await find();
  if (missing.length === 0 || !canInstall(options)) return missing;
  const packages = missing.map((need) => (need === "Maven" ? "maven" : "openjdk-17-jre-headless"));
  if (!(await installPackages(packages, purpose))) {
    // Newer releases carry newer Javas only.
    await installPackages(
      packages.map((name) => name.replace("openjdk-17", "default")),
      purpose,
    );
  }
  return find();
}
