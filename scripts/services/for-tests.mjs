/** Services of the tests' own, under `.data/test`: a database, a Redis that loses nothing when killed, brokers. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { dataPath, root } from "../data.mjs";
import { findAnyPort } from "../network.mjs";
import { canInstall, findProgram, installPackages } from "../system.mjs";
import { Refusal, step } from "../terminal.mjs";
import { installKafkaNeeds, installPulsarNeeds } from "./find.mjs";
import { startKafka } from "./kafka.mjs";
import { isDockerThere, startKafkaInDocker } from "./kafka-docker.mjs";
import { ensureDatabase, reachDatabase, startPostgres } from "./postgres.mjs";
import { removePostgres } from "./postgres-home.mjs";
import { startPulsar } from "./pulsar.mjs";
import { findTestRabbit } from "./rabbitmq.mjs";
import { startRedis } from "./redis.mjs";

/**
 * Starts them afresh; Pulsar only when asked for, as it takes a gigabyte. Gives addresses, `database(name)` (the address of an empty one),
 * `redis(name)` (the address of another Redis; of the same, where none can be started), `pulsar` (its variables as `env`, and `stop`) and `stop`.
 */
export async function startTestServices(options) {
  removePostgres(dataPath("test", "services", "postgres"));
  rmSync(dataPath("test", "services"), { recursive: true, force: true });
  const started = [];
  const made = [];
  const run = async (name, work) => {
    const server = await step(name, work);
    if (server.stop) started.unshift(server);
    return server;
  };
  const services = {
    async stop() {
      for (const url of made) await dropDatabase(url).catch(() => {});
      for (const server of started) await server.stop();
    },
  };
  try {
    const postgres = await run("Postgres", startDatabase);
    const redis = await run("Redis", (note) => startOwnRedis(options, note));
    const rabbitmq = await run("RabbitMQ", (note) => findOwnRabbit(options, note));
    const kafka = await run("Kafka", (note) => startBroker(options, note));
    const pulsar = options.pulsar ? await run("Pulsar", (note) => startOwnPulsar(options, note)) : null;
    return Object.assign(services, {
      pulsar,
      redisUrl: redis.url,
      rabbitmqUrl: rabbitmq.url,
      brokers: kafka.brokers,
      async database(name) {
        const url = Object.assign(new URL(postgres.url("postgres")), {
          pathname: `/millrace_test_${process.pid}_${name}`,
        }).href;
        await ensureDatabase(url);
        made.push(url);
        return url;
      },
      async redis(name) {
        return (await run("Another Redis", (note) => startOwnRedis(options, note, name))).url;
      },
    });
  } catch (error) {
    await services.stop();
    throw error;
  }
}

async function startDatabase(note) {
  const given = process.env.DATABASE_URL;
  if (given) {
    note(`using ${new URL(given).host}, ${await reachDatabase(given)}, with databases of the tests' own`);
    return { url: () => given };
  }
  const server = await startPostgres({
    dir: dataPath("test", "services", "postgres"),
    port: await findAnyPort(),
    log: dataPath("test", "postgres.log"),
  });
  note(`embedded ${server.version} on 127.0.0.1:${server.port}`);
  return server;
}

async function startOwnRedis(options, note, name = "redis") {
  const isThere = () => (findProgram("redis-server") ?? findProgram("valkey-server")) !== null;
  if (!isThere() && canInstall(options)) await installPackages(["redis-server"], "the tests");
  if (!isThere() && process.env.REDIS_URL) {
    note("using REDIS_URL");
    return { url: process.env.REDIS_URL };
  }
  const server = await startRedis({
    dir: dataPath("test", "services", name, "data"),
    port: await findAnyPort(),
    durable: "always",
    log: dataPath("test", `${name}.log`),
  });
  note(`started ${server.version} on 127.0.0.1:${server.port}, writing each change to disk`);
  return server;
}

async function findOwnRabbit(options, note) {
  const found = await findTestRabbit({
    dir: dataPath("test", "services", "rabbitmq"),
    log: dataPath("test", "rabbitmq.log"),
  });
  if (found) {
    note(found.words);
    return found;
  }
  if (canInstall(options) && (await installPackages(["rabbitmq-server"], "the tests"))) return findOwnRabbit({}, note);
  throw new Refusal("There is no RabbitMQ: install rabbitmq-server, or set RABBITMQ_URL.");
}

async function startBroker(options, note) {
  const given = process.env.KAFKA_BROKERS;
  if (given) {
    note(`using ${given}`);
    return { brokers: given };
  }
  const log = dataPath("test", "kafka.log");
  const missing = await installKafkaNeeds(options);
  if (missing.length > 0 && (await isDockerThere())) {
    const server = await startKafkaInDocker({ root: join(root, "test"), port: await findAnyPort(), log });
    note(`started ${server.version} in Docker on ${server.brokers}`);
    return server;
  }
  if (missing.length > 0)
    throw new Refusal(`Kafka needs ${missing.join(" and ")}: install them, start Docker, or set KAFKA_BROKERS.`);
  const server = await startKafka({
    dir: dataPath("test", "services", "kafka", "node"),
    port: await findAnyPort(),
    controllerPort: await findAnyPort(),
    log,
  });
  note(`started ${server.version} on ${server.brokers}`);
  return server;
}

/** Tokens are read there, and who brings none may do everything: PULSAR_TOKEN_KEY is what makes them. */
async function startOwnPulsar(options, note) {
  const given = process.env.PULSAR_URL;
  if (given) {
    note(`using ${given}`);
    return { env: { PULSAR_URL: given } };
  }
  const missing = await installPulsarNeeds(options);
  if (missing.length > 0) throw new Refusal(`Pulsar needs ${missing.join(" and ")}: install them, or set PULSAR_URL.`);
  const server = await startPulsar({
    dir: dataPath("test", "services", "pulsar", "server"),
    port: await findAnyPort(),
    log: dataPath("test", "pulsar.log"),
    auth: true,
  });
  note(`started ${server.version} on ${server.url}`);
  return Object.assign(server, { env: { PULSAR_URL: server.url, PULSAR_TOKEN_KEY: server.tokenKey } });
}

async function dropDatabase(url) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: "/postgres" }).href });
  await client.connect();
  const name = new URL(url).pathname.slice(1);
  await client
    .query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`)
    .finally(() => client.end());
}
