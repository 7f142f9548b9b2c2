/** Kafka in Docker, for machines whose Docker daemon answers. */
import { createHash } from "node:crypto";
import { readLogEnd, startChild, stopChild } from "../children.mjs";
import { waitFor } from "../network.mjs";
import { findProgram, run } from "../system.mjs";
import { Refusal } from "../terminal.mjs";
import { isKafka, kafkaVersion } from "./kafka.mjs";

const image = `apache/kafka:${kafkaVersion}`;

/** Does a Docker daemon answer? */
export async function isDockerThere() {
  if (!findProgram("docker")) return false;
  const result = await run("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: 5_000 }).catch(
    () => null,
  );
  return result?.ok ?? false;
}

/** Starts one node in a container; its data is a named volume of this checkout. Gives `brokers` and `stop`. */
export async function startKafkaInDocker({ root, port, log }) {
  const name = `millrace-kafka-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`;
  const pulled =
    (await run("docker", ["image", "inspect", image])).ok ||
    (await run("docker", ["pull", "-q", image], { timeoutMs: 600_000 })).ok;
  if (!pulled) throw new Refusal(`Docker could not fetch ${image}.`);
  await run("docker", ["rm", "-f", name]);
  const settings = {
    KAFKA_NODE_ID: 1,
    KAFKA_PROCESS_ROLES: "broker,controller",
    KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:9093",
    KAFKA_LISTENERS: "PLAINTEXT://:9092,CONTROLLER://:9093",
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: 1,
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: 1,
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: 1,
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: 1,
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: 1,
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: 0,
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: false,
    KAFKA_LOG_DIRS: "/var/lib/kafka/data",
  };
  const environment = Object.entries(settings).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
  const args = [
    "run",
    "--rm",
    "--init",
    "--name",
    name,
    "-p",
    `127.0.0.1:${port}:9092`,
    "-v",
    `${name}:/var/lib/kafka/data`,
    ...environment,
    image,
  ];
  // In the foreground: asked to stop, the client passes it on, and the container goes with it.
  const child = startChild("kafka", "docker", args, { log });
  const up = await waitFor(() => isKafka(port), { timeoutMs: 90_000, isHopeless: () => child.ended });
  if (!up) {
    await stopChild(child);
    throw new Refusal(`Kafka did not start in Docker. The end of ${log}:\n${readLogEnd(log)}`);
  }
  return {
    name: "kafka",
    port,
    version: kafkaVersion,
    brokers: `127.0.0.1:${port}`,
    child,
    stop: () => stopChild(child, 20_000),
  };
}
