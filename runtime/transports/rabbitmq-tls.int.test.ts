import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { jsonCodec } from "../../flow/codecs/json";
import { findAnyPort } from "../../scripts/network.mjs";
import { type RabbitServer, startRabbit } from "../../scripts/services/rabbitmq.mjs";
import { makeMessage, Receiver, readNumber, until } from "./conformance";
import { type Authority, makeAuthority } from "./own-authority";
import { openRabbitmq } from "./rabbitmq";
import { refusalOf } from "./refusal-of";

/** A node with a certificate for `localhost` alone, and a management API that speaks TLS with the same one. */
let dir: string;
let ours: Authority;
let theirs: Authority;
let rabbit: RabbitServer;
let port: number;
let managementPort: number;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "millrace-rabbit-tls-"));
  ours = await makeAuthority(dir);
  theirs = await makeAuthority(dir, "another-authority");
  const { certificate, key } = await ours.sign("rabbit", ["DNS:localhost"]);
  [port, managementPort] = [await findAnyPort(), await findAnyPort()];
  const files = (prefix: string) => [
    `${prefix}.cacertfile = ${ours.file}`,
    `${prefix}.certfile = ${certificate}`,
    `${prefix}.keyfile = ${key}`,
  ];
  rabbit = await startRabbit({
    dir: join(dir, "node"),
    port: await findAnyPort(),
    plugins: ["rabbitmq_management"],
    settings: [
      `listeners.ssl.1 = 127.0.0.1:${port}`,
      ...files("ssl_options"),
      "ssl_options.verify = verify_none",
      "management.ssl.ip = 127.0.0.1",
      `management.ssl.port = ${managementPort}`,
      ...files("management.ssl"),
    ],
  });
});
afterAll(async () => {
  await rabbit?.stop();
  await rm(dir, { recursive: true, force: true });
});

function open(url: string, certificate?: string, management = `https://localhost:${managementPort}`) {
  return openRabbitmq({
    name: "rabbitmq",
    config: { url, management, ...(certificate ? { certificate } : {}) },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
}

it("carries messages through a sink and a source, and asks the management API by TLS, too", async () => {
  const transport = open(`amqps://localhost:${port}`, ours.certificate);
  const receiver = new Receiver();
  try {
    // The version is the management API's word: it was trusted by the same certificate.
    expect(await transport.test()).toMatch(/^RabbitMQ \d+\.\d+\.\d+ at localhost:\d+, virtual host \/$/);
    await transport.createPlace!("queue", "orders", { type: "classic" });
    const publisher = transport.port.publisher({ node: "out", isFixed: true });
    const messages = Array.from({ length: 100 }, (_, n) => makeMessage({ key: "k", value: `{"n":${n}}`, headers: [] }));
    const verdicts = await publisher.publish(
      messages.map((message) => {
        const { key, value, headers } = message;
        const way = { exchange: "", routingKey: "orders", persistent: true, mandatory: true };
        return { ...way, of: message, key, value, headers, timestamp: Date.now() };
      }),
      receiver.abort.signal,
    );
    expect(verdicts.filter(({ verdict }) => verdict !== "done")).toEqual([]);
    receiver.source = await transport.port.consume(
      { node: "in", queue: { name: "orders" }, prefetch: 50, codec: jsonCodec, signal: receiver.abort.signal },
      receiver,
    );
    await until(() => receiver.received.length === 100);
    expect(receiver.received.map(readNumber)).toEqual(messages.map(readNumber));
    expect((await transport.places("", 10)).places.map(({ name }) => name)).toContain("orders");
    await publisher.close();
  } finally {
    receiver.abort.abort();
    await receiver.source?.stop();
    await transport.close();
  }
});

it("names the certificate and what to do about it, where its authority is not known", async () => {
  const untrusted = /its certificate is not trusted\. .*Certificate authority/;
  expect(await refusalOf(open(`amqps://localhost:${port}`))).toMatch(untrusted);
  expect(await refusalOf(open(`amqps://localhost:${port}`, theirs.certificate))).toMatch(untrusted);
});

it("names the host that the certificate is not for", async () => {
  expect(await refusalOf(open(`amqps://127.0.0.1:${port}`, ours.certificate))).toContain(
    "its certificate does not name 127.0.0.1. Reach it by a name that stands there",
  );
});

it("says when one side speaks TLS and the other does not", async () => {
  expect(await refusalOf(open(`amqps://localhost:${rabbit.port}`, ours.certificate))).toContain(
    "it does not speak TLS there",
  );
  expect(await refusalOf(open(`amqp://localhost:${port}`))).toContain("the connection broke");
});

it("says the same of a source and a sink", async () => {
  const transport = open(`amqps://localhost:${port}`);
  const receiver = new Receiver();
  try {
    receiver.source = await transport.port.consume(
      { node: "in", queue: { name: "orders" }, prefetch: 50, codec: jsonCodec, signal: receiver.abort.signal },
      receiver,
    );
    await until(() => receiver.words.some((words) => words.includes("its certificate is not trusted")));
    const message = makeMessage({ key: null, value: "1", headers: [] });
    const { key, value, headers } = message;
    const way = { exchange: "", routingKey: "orders", persistent: true, mandatory: true };
    const [verdict] = await transport.port
      .publisher({ node: "out", isFixed: true })
      .publish([{ ...way, of: message, key, value, headers, timestamp: 0 }], receiver.abort.signal);
    expect(verdict).toMatchObject({
      verdict: "retry",
      of: "dependency",
      cause: { code: "broker-unreachable", message: expect.stringContaining("Certificate authority") },
    });
  } finally {
    receiver.abort.abort();
    await receiver.source?.stop();
    await transport.close();
  }
});
