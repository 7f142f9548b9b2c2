/**
 * `npm start`: installs, finds or starts Postgres, Redis and Kafka, builds, and runs one web process and one worker until Ctrl-C.
 * `--dev` runs them on the sources, with reload. Needs nothing installed to begin with.
 */
import { parseArgs } from "node:util";
import { buildBundles, buildPages } from "./build.mjs";
import { listChildren, stopChild, stopWithParent } from "./children.mjs";
import { dataPath, describeLock, keepPort, keepSecretFile, readLock, releaseLock, root, takeLock } from "./data.mjs";
import { checkNode, generateClient, installPackagesOfLock } from "./install.mjs";
import { isPortFree } from "./network.mjs";
import { bold, dim, fail, formatTime, print, Refusal } from "./terminal.mjs";

const usage = `npm start                 install, start what is missing, build, run
npm start -- --no-install  never install packages of the distribution
npm start -- --no-kafka    run without Kafka
npm start -- --no-redis    queues in Postgres, for trying out
npm run dev               the same on the sources, with reload

Environment: DATABASE_URL, REDIS_URL, RABBITMQ_URL, KAFKA_BROKERS, PULSAR_URL use services of your own; HOST, PORT, MILLRACE_URL, MILLRACE_SECRET.`;

const { values: flags } = parseArgs({
  options: {
    dev: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
    "no-install": { type: "boolean", default: false },
    "no-kafka": { type: "boolean", default: false },
    "no-redis": { type: "boolean", default: false },
  },
});
const options = { install: !flags["no-install"], kafka: !flags["no-kafka"], redis: !flags["no-redis"] };
/** What runs, in the order in which it is stopped. */
const parts = { application: [], services: [], database: [] };

if (flags.help) {
  print(usage);
  process.exit(0);
}

stopWithParent(async (reason) => {
  print(`\n  Stopping … ${dim(reason === "SIGINT" ? "" : reason)}`);
  await stopAll();
  process.exit(0);
});

try {
  await start();
} catch (error) {
  fail(error);
  await stopAll();
  process.exit(1);
}

async function start() {
  const began = performance.now();
  checkNode();
  const other = readLock();
  if (other || !takeLock()) {
    const { pid, url } = other ?? readLock() ?? {};
    print(
      `Millrace runs already, at ${bold(url ?? "an address it has not printed yet")} (pid ${pid}). Stop it there with Ctrl-C, or: kill ${pid}`,
    );
    process.exit(0);
  }
  print(`\n${bold("Millrace")} ${dim(root)}\n`);
  const host = process.env.HOST || "127.0.0.1";
  const port = await choosePort();
  const loopback = ["127.0.0.1", "localhost", "::1"].includes(host);
  // Reached from elsewhere, its address is the one that the browser names.
  const url = process.env.MILLRACE_URL || (loopback ? `http://127.0.0.1:${port}` : "");

  const { postgres, redis, rabbitmq, brokers, kafka } = await prepare();
  const { makeEnvironment, prepareDatabase, startWeb, startWorker } = await import("./application.mjs");
  const { findPulsar } = await import("./services/find.mjs");
  const env = makeEnvironment({
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    rabbitmqUrl: rabbitmq.url,
    brokers,
    pulsarUrl: await findPulsar(),
    url,
  });
  const seedEnv = { ...env, MILLRACE_URL: url || `http://127.0.0.1:${port}` };
  await prepareDatabase({ env: seedEnv, token: keepSecretFile("token") });
  const logs = dataPath("logs");
  const add = (part) => {
    parts.application.push(part);
    return part;
  };
  const web = startWeb({ env, host, port, logs, dev: flags.dev }).then(add);
  const worker = startWorker({ env, logs, dev: flags.dev }).then(add);
  await settle([web, worker, kafka]);
  const address = process.env.MILLRACE_URL || (await web).address;
  describeLock({
    url: address,
    environment: Object.fromEntries(
      [
        "DATABASE_URL",
        "REDIS_URL",
        "RABBITMQ_URL",
        "KAFKA_BROKERS",
        "PULSAR_URL",
        "MILLRACE_SECRET",
        "MILLRACE_ENVIRONMENT",
      ].map((name) => [name, env[name]]),
    ),
  });

  print(`\n  ${bold(`Millrace runs at ${address}`)}  ${dim(`ready after ${formatTime(performance.now() - began)}`)}\n`);
  print(`  Postgres: ${postgres.words}`);
  print(`  Redis: ${redis.words}`);
  print(`  RabbitMQ: ${rabbitmq.words}`);
  print(`  Kafka: ${(await kafka).words}`);
  if (process.env.PULSAR_URL) print(`  Pulsar: using ${new URL(process.env.PULSAR_URL).host}`);
  else print(`  Pulsar: on demand, npm run services -- pulsar`);
  print(`  ${dim("Logs: .data/logs · command line: npm run --silent flow -- list · stop: Ctrl-C")}\n`);
}

/**
 * Packages, services and builds side by side, as far as they do not need each other; what installs packages of the distribution goes one after the other. Kafka's address is enough to go
 * on with: `kafka.found` waits for the broker itself.
 */
async function prepare() {
  const { findKafka, findPostgres, findRabbit, findRedis } = await import("./services/find.mjs");
  const redis = findRedis(options).then((found) => keep(found, parts.services, "Redis"));
  const rabbitmq = findRabbit();
  const kafka = {};
  kafka.brokers = new Promise((resolve) => {
    kafka.found = redis.then(() => findKafka(options, resolve)).then((found) => keep(found, parts.services, "Kafka"));
    kafka.found.catch(() => resolve(null));
  });
  const packages = installPackagesOfLock();
  const builds = (async () => {
    await packages;
    await generateClient();
    await buildBundles();
    if (!flags.dev) await buildPages();
  })();
  const postgres = packages.then(findPostgres).then((found) => keep(found, parts.database, "Postgres"));
  await settle([postgres, redis, rabbitmq, kafka.brokers, builds]);
  return {
    postgres: await postgres,
    redis: await redis,
    rabbitmq: await rabbitmq,
    brokers: await kafka.brokers,
    kafka: kafka.found,
  };
}

/** Keeps a server that we started running; one that was found is left to itself. */
async function keep(found, list, name) {
  const { server } = found;
  if (!server) return found;
  if (!server.child || !server.start) {
    list.push(server);
    return found;
  }
  let running = true;
  const start = async () => {
    if (!running) await server.start();
    running = false;
    return server.child;
  };
  const { keepRunning } = await import("./supervise.mjs");
  list.push(await keepRunning(name, start, { stopWithinMs: 20_000 }));
  return found;
}

/** Waits for all, then throws the first failure: what was started by then is known and can be stopped. */
async function settle(promises) {
  const failed = (await Promise.allSettled(promises)).find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}

async function choosePort() {
  const given = Number(process.env.PORT);
  if (!given) return keepPort("web", 3000);
  if (!(await isPortFree(given)))
    throw new Refusal(`Port ${given} (PORT) is taken. Choose another, or leave PORT out.`);
  return given;
}

async function stopAll() {
  await Promise.all(parts.application.map((part) => part.stop()));
  await Promise.all(parts.services.map((part) => part.stop()));
  await Promise.all(parts.database.map((part) => part.stop()));
  // What was being started when the stop came.
  await Promise.all(listChildren().map((child) => stopChild(child, 5_000)));
  if (!readLock()) releaseLock();
}
