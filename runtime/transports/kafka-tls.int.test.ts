import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { jsonCodec } from "../../flow/codecs/json";
import { findAnyPort } from "../../scripts/network.mjs";
import { type KafkaServer, startKafka } from "../../scripts/services/kafka.mjs";
import { makeNumbered, Receiver, until } from "./conformance";
import { openKafka } from "./kafka";
import { type Authority, makeAuthority } from "./own-authority";
import { refusalOf } from "./refusal-of";

/** A broker whose certificate is for `localhost` alone, and comes from an authority that no system knows. */
let dir: string;
let ours: Authority;
let theirs: Authority;
let kafka: KafkaServer;
let port: number;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "millrace-kafka-tls-"));
  ours = await makeAuthority(dir);
  theirs = await makeAuthority(dir, "another-authority");
  const files = await ours.sign("kafka", ["DNS:localhost"]);
  port = await findAnyPort();
  kafka = await startKafka({
    dir: join(dir, "node"),
    port: await findAnyPort(),
    controllerPort: await findAnyPort(),
    tls: { port, host: "localhost", ...files },
  });
});
afterAll(async () => {
  await kafka?.stop();
  await rm(dir, { recursive: true, force: true });
});

function open(brokers: string, config: Record<string, unknown>) {
  return openKafka({
    name: "kafka",
    config: { brokers, ...config },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
}

it("carries messages through a sink and a source", async () => {
  const transport = open(`localhost:${port}`, { tls: true, certificate: ours.certificate });
  const receiver = new Receiver();
  const { signal } = receiver.abort;
  try {
    expect(await transport.test()).toMatch(/^Kafka.*1 broker/);
    await transport.createPlace!("topic", "orders", { partitions: 2 });
    const messages = makeNumbered(0, 200).map(({ key, value, headers }) => ({ topic: "orders", key, value, headers }));
    const verdicts = await transport.port.produce(messages, signal);
    expect(verdicts.filter(({ verdict }) => verdict !== "done")).toEqual([]);
    receiver.source = await transport.port.consume(
      {
        node: "in",
        topic: "orders",
        groupId: "g-orders",
        fallback: "earliest",
        start: { from: "kind" },
        onGap: "halt",
        delivery: "at-least-once",
        codec: jsonCodec,
        signal,
      },
      receiver,
    );
    await until(() => receiver.numbers.size === 200);
    expect(receiver.problems).toEqual([]);
  } finally {
    receiver.abort.abort();
    await receiver.source?.stop();
    await transport.close();
  }
});

it("names the certificate and what to do about it, where its authority is not known", async () => {
  const untrusted = /its certificate is not trusted\. .*Certificate authority/;
  expect(await refusalOf(open(`localhost:${port}`, { tls: true }))).toMatch(untrusted);
  expect(await refusalOf(open(`localhost:${port}`, { tls: true, certificate: theirs.certificate }))).toMatch(untrusted);
});

it("names the host that the certificate is not for", async () => {
  const config = { tls: true, certificate: ours.certificate };
  expect(await refusalOf(open(`127.0.0.1:${port}`, config))).toContain("its certificate does not name 127.0.0.1.");
});

it("says when one side speaks TLS and the other does not", async () => {
  const config = { tls: true, certificate: ours.certificate };
  expect(await refusalOf(open(`localhost:${kafka.port}`, config))).toMatch(
    /TLS connection could not be made|not speak TLS/,
  );
  expect(await refusalOf(open(`localhost:${port}`, {}))).toContain(
    "cannot be reached: it speaks TLS there: switch *TLS* of the connection on.",
  );
});
