/** A real Kafka from its Maven artefacts: one KRaft node, or several for tests that move leaders. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { killChild, readLogEnd, startChild, stopChild } from "../children.mjs";
import { dataDirectory, isAlive } from "../data.mjs";
import { askPort, findAnyPort, waitFor } from "../network.mjs";
import { run, runOrFail } from "../system.mjs";
import { Refusal } from "../terminal.mjs";
import { fetchJars, findJarNeeds } from "./jars.mjs";

const pom = fileURLToPath(new URL("kafka/pom.xml", import.meta.url));
export const kafkaVersion = readFileSync(pom, "utf8").match(
  /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([^<]+)/,
)[1];
/** Shared by `npm start` and the tests of a checkout. */
const libraries = join(dataDirectory, "kafka-libs", kafkaVersion);

/** Does a Kafka answer here? Asks for the API versions, the one request that every broker answers. */
export async function isKafka(port, host = "127.0.0.1") {
  const request = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff]);
  const answer = await askPort({ host, port, bytes: request, timeoutMs: 2_000 });
  return answer !== null && answer.length >= 10 && answer.readInt32BE(4) === 7 && answer.readInt16BE(8) === 0;
}

/** Copies the jars once. Needs Maven the first time only. */
export const fetchKafka = () => fetchJars({ name: "Kafka", pom, folder: libraries, timeoutMs: 600_000 });

/** Can Kafka be started from jars here? Gives what is missing. */
export const findKafkaNeeds = () => findJarNeeds(libraries);

/**
 * Starts one node on a folder. Topics are not made by themselves. `tls`: a second listener, `{ port, host, certificate, key }` with the name under
 * which clients reach it and PEM files. Gives `brokers`, `stop`, `kill` (as a crash), `start` (again, same
 * ports and data), `pause` and `resume` (the process stands still: a broker that does not answer).
 */
export async function startKafka({ dir, port, controllerPort, tls, log }) {
  const cluster = await prepareCluster({ dir, ports: [{ port, controllerPort, tls }], log });
  const [node] = cluster.nodes;
  await node.start();
  return Object.assign(node, { brokers: cluster.brokers });
}

/**
 * Starts several nodes with replication 3 (or as many as there are) and `min.insync.replicas` 2; `heap` is for each.
 * Gives `brokers`, `nodes`, `stop`.
 */
export async function startKafkaCluster({ dir, nodes = 3, heap = "512m" }) {
  const ports = [];
  for (let index = 0; index < nodes; index++)
    ports.push({ port: await findAnyPort(), controllerPort: await findAnyPort() });
  const cluster = await prepareCluster({ dir, ports, heap });
  await Promise.all(cluster.nodes.map((node) => node.start()));
  return {
    ...cluster,
    version: kafkaVersion,
    stop: () => Promise.all(cluster.nodes.map((node) => node.stop())),
  };
}

async function prepareCluster({ dir, ports, log, heap = "1g" }) {
  const jars = await fetchKafka();
  mkdirSync(dir, { recursive: true });
  const clusterId = keepClusterId(dir);
  const voters = ports.map(({ controllerPort }, index) => `${index + 1}@127.0.0.1:${controllerPort}`).join(",");
  const nodes = [];
  for (const [index, { port, controllerPort, tls }] of ports.entries()) {
    const home = ports.length === 1 ? dir : join(dir, `node-${index + 1}`);
    nodes.push(
      await prepareNode({
        home,
        id: index + 1,
        port,
        controllerPort,
        tls,
        voters,
        clusterId,
        jars,
        size: ports.length,
        heap,
        log,
      }),
    );
  }
  return { nodes, brokers: ports.map(({ port }) => `127.0.0.1:${port}`).join(",") };
}

async function prepareNode({
  home,
  id,
  port,
  controllerPort,
  tls,
  voters,
  clusterId,
  jars,
  size,
  heap,
  log = join(home, "kafka.log"),
}) {
  mkdirSync(home, { recursive: true });
  const file = join(home, "server.properties");
  writeFileSync(file, formatProperties({ home, id, port, controllerPort, tls, voters, size }));
  const classpath = join(jars, "*");
  const pidFile = join(home, "kafka.pid");
  if (!existsSync(join(home, "data", "meta.properties"))) {
    const args = ["-cp", classpath, "kafka.tools.StorageTool", "format", "-t", clusterId, "-c", file];
    await runOrFail("Formatting Kafka's folder", "java", args, { timeoutMs: 60_000 });
  }
  const args = [
    ...["-Xms128m", `-Xmx${heap}`, "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=50"],
    // Several nodes on one machine start often and live shortly: compiling thoroughly would take the time of what is tested.
    ...(size > 1 ? ["-XX:TieredStopAtLevel=1"] : []),
    ...["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"],
    ...["-cp", classpath, "kafka.Kafka", file],
  ];
  const node = {
    name: "kafka",
    id,
    port,
    version: kafkaVersion,
    child: null,
    async start() {
      await endLeftover(pidFile, home);
      const child = startChild("kafka", "java", args, { log, cwd: home });
      node.child = child;
      writeFileSync(pidFile, String(child.pid));
      const up = await waitFor(() => isKafka(port), { timeoutMs: 90_000, isHopeless: () => child.ended });
      if (!up) throw new Refusal(`Kafka did not start. The end of ${log}:\n${readLogEnd(log)}`);
    },
    async stop() {
      await stopChild(node.child, 20_000);
      rmSync(pidFile, { force: true });
    },
    kill: () => killChild(node.child),
    pause: () => node.child.process.kill("SIGSTOP"),
    resume: () => node.child.process.kill("SIGCONT"),
  };
  return node;
}

function formatProperties({ home, id, port, controllerPort, tls, voters, size }) {
  const replicas = Math.min(3, size);
  const more = tls ? [`,SSL://127.0.0.1:${tls.port}`, `,SSL://${tls.host}:${tls.port}`] : ["", ""];
  const properties = {
    "process.roles": "broker,controller",
    "node.id": id,
    "controller.quorum.voters": voters,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${more[0]}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}${more[1]}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL",
    ...(tls ? { "ssl.keystore.type": "PEM", "ssl.keystore.location": writeKeyStore(home, tls) } : {}),
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "log.dirs": join(home, "data"),
    "num.partitions": 1,
    "default.replication.factor": replicas,
    "min.insync.replicas": Math.min(2, replicas),
    "offsets.topic.replication.factor": replicas,
    "offsets.topic.num.partitions": 8,
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": Math.min(2, replicas),
    "transaction.state.log.num.partitions": 8,
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": Math.min(2, replicas),
    "group.initial.rebalance.delay.ms": 0,
    // A topic that is misspelled should be missed, not made.
    "auto.create.topics.enable": false,
  };
  return `${Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n")}\n`;
}

/** Key and certificate in one file, as Kafka reads them. */
function writeKeyStore(home, { certificate, key }) {
  const file = join(home, "tls.pem");
  writeFileSync(file, `${readFileSync(key, "utf8")}${readFileSync(certificate, "utf8")}`, { mode: 0o600 });
  return file;
}

function keepClusterId(dir) {
  const file = join(dir, "cluster-id");
  // An id that begins with a dash would be read as an option.
  if (!existsSync(file)) writeFileSync(file, `M${randomBytes(16).toString("base64url").slice(1)}`);
  return readFileSync(file, "utf8");
}

/** Ends a node that a killed start left on this folder: it holds the folder's lock, on a port that may no longer be ours. */
async function endLeftover(pidFile, home) {
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
  if (!pid || !isAlive(pid)) return;
  const ps = await run("ps", ["-o", "args=", "-p", String(pid)]).catch(() => ({ output: "" }));
  if (!ps.output.includes(join(home, "server.properties"))) return;
  process.kill(pid, "SIGTERM");
  await waitFor(() => !isAlive(pid), { timeoutMs: 20_000 });
}
