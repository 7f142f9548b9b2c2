import { randomUUID } from "node:crypto";
import { Connection } from "rabbitmq-client";
import { afterAll, describe, expect, it } from "vitest";
import { bytesCodec } from "../../flow/codecs/bytes";
import { jsonCodec } from "../../flow/codecs/json";
import type { RabbitPublisherOptions, RabbitQueue } from "../../flow/connections/rabbitmq-port";
import type { Verdict } from "../../flow/verdict";
import { makeMessage, pause, Receiver, readMessage, until } from "./conformance";
import { openRabbitmq } from "./rabbitmq";

const rabbitmqUrl = process.env.RABBITMQ_URL;
if (rabbitmqUrl === undefined) throw new Error("RABBITMQ_URL is not set: these tests need a real RabbitMQ");
const never = new AbortController().signal;

function open(url = "", secrets: Record<string, string> = {}) {
  return openRabbitmq({
    name: "rabbitmq",
    config: { url },
    secrets,
    environment: { kafkaBrokers: undefined, redisUrl: undefined, rabbitmqUrl, databaseUrl: "" },
    log: () => {},
  });
}

const transport = open();
const plain = new Connection(rabbitmqUrl);
plain.on("error", () => {});
const closing: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await transport.close();
  await plain.close();
});

async function makeQueue(args: Record<string, unknown> = {}): Promise<string> {
  const queue = `q-${randomUUID()}`;
  await plain.queueDeclare({ queue, durable: true, arguments: args });
  return queue;
}

async function consume(queue: RabbitQueue, codec = jsonCodec, through = transport): Promise<Receiver> {
  const receiver = new Receiver();
  const options = { node: "in", queue, prefetch: 50, codec, signal: receiver.abort.signal };
  receiver.source = await through.port.consume(options, receiver);
  closing.push(async () => {
    receiver.abort.abort();
    await receiver.source?.stop();
  });
  return receiver;
}

type Sent = { key?: string | null; value: string | Uint8Array | null; headers?: [string, string][] };

function publish(
  way: { exchange?: string; routingKey?: string; mandatory?: boolean },
  messages: readonly Sent[],
  options: Partial<RabbitPublisherOptions> = {},
  through = transport,
): Promise<Verdict[]> {
  const publisher = through.port.publisher({ node: "out", isFixed: true, ...options });
  closing.push(() => publisher.close());
  return publisher.publish(
    messages.map(({ key = null, value, headers = [] }) => {
      const message = makeMessage({ key, value: null, headers });
      return {
        of: message,
        exchange: "",
        routingKey: "",
        mandatory: true,
        ...way,
        key: message.key,
        value: typeof value === "string" ? Buffer.from(value) : value,
        headers: message.headers,
        timestamp: 1_700_000_000_000,
        contentType: "application/json",
        persistent: true,
      };
    }),
    never,
  );
}

function codeOf(verdict: Verdict | undefined): string {
  if (verdict === undefined || verdict.verdict === "done") return "done";
  return `${verdict.verdict === "reject" ? "reject" : verdict.of} ${verdict.cause.code}`;
}

describe("with a plain client", () => {
  it("publishes what that understands", async () => {
    const queue = await makeQueue();
    const headers: [string, string][] = [
      ["correlation-id", "c-1"],
      ["reply-to", "answers"],
      ["message-id", "m-1"],
      ["type", "order"],
      ["priority", "7"],
      ["origin", "shop"],
      ["tag", "a"],
      ["tag", "b"],
      ["CC", "elsewhere"],
    ];
    expect(
      (
        await publish({ routingKey: queue }, [
          { key: "k", value: '{"id":90071992547409931}', headers },
          { value: null },
        ])
      ).map(codeOf),
    ).toEqual(["done", "done"]);
    const first = await plain.basicGet({ queue, noAck: true });
    expect(first).toMatchObject({
      correlationId: "c-1",
      replyTo: "answers",
      messageId: "m-1",
      type: "order",
      priority: 7,
      contentType: "application/json",
      timestamp: 1_700_000_000,
      durable: true,
      headers: { "millrace-key": "k", origin: "shop", tag: ["a", "b"] },
    });
    expect(first?.headers).not.toHaveProperty("CC");
    const second = await plain.basicGet({ queue, noAck: true });
    expect(second?.headers).toEqual({ "millrace-null": true });
  });

  it("publishes bytes that are no text, and a megabyte, as they are", async () => {
    const queue = await makeQueue();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const large = Buffer.alloc(1_048_576, bytes);
    const headers: [string, string][] = [["content-type", "application/octet-stream"]];
    const values = [bytes, large].map((value) => ({ value, headers }));
    expect((await publish({ routingKey: queue }, values)).map(codeOf)).toEqual(["done", "done"]);
    for (const value of [bytes, large]) {
      const got = await plain.basicGet({ queue, noAck: true });
      expect(got?.contentType).toBe("application/octet-stream");
      expect(value.equals(got?.body)).toBe(true);
    }
  });

  it("consumes a tombstone that says so with `millrace-null`, and no other message as one", async () => {
    const queue = await makeQueue();
    const publisher = plain.createPublisher({ confirm: true });
    closing.push(() => publisher.close());
    const send = (headers: Record<string, unknown>, body: string) =>
      publisher.send({ routingKey: queue, headers }, Buffer.from(body));
    await send({ "millrace-null": true, "millrace-key": "gone" }, "");
    await send({ "millrace-null": true }, '{"id":7}');
    await send({ "millrace-null": false }, "");
    const receiver = await consume({ name: queue });
    await until(() => receiver.received.length === 3);
    expect(receiver.received.map(readMessage)).toMatchObject([
      { key: "gone", value: null, headers: [] },
      { key: null, value: '{"id":7}' },
      { key: null, value: "" },
    ]);
    expect(receiver.received[0]!.body).toBeNull();
  });

  it("consumes what that publishes: properties, bytes that are no text, JSON to the last digit, nothing, a megabyte", async () => {
    const queue = await makeQueue();
    const odd = Buffer.from([0, 255, 254, 128]);
    const json = '{ "id": 90071992547409931 , "x": 1.50}';
    const send = (envelope: object, body: Buffer) => plain_.send({ routingKey: queue, ...envelope }, body);
    const plain_ = plain.createPublisher({ confirm: true });
    closing.push(() => plain_.close());
    await send(
      {
        contentType: "application/json",
        correlationId: "c",
        timestamp: 1_700_000_000,
        headers: { n: 5, yes: true, list: ["a", "b"] },
      },
      Buffer.from(json),
    );
    await send({ contentType: "text/plain" }, odd);
    await send({}, Buffer.alloc(0));
    await send({}, Buffer.alloc(1_000_000, 120));
    const receiver = await consume({ name: queue }, bytesCodec);
    await until(() => receiver.received.length === 4);
    const [first, second, third, fourth] = receiver.received;
    expect(readMessage(first!)).toEqual({
      key: null,
      value: json,
      headers: [
        ["correlation-id", "c"],
        ["content-type", "application/json"],
        ["n", "5"],
        ["yes", "true"],
        ["list", "a"],
        ["list", "b"],
      ],
    });
    expect(first!.meta.timestamp).toBe(1_700_000_000_000);
    expect([...second!.value!]).toEqual([...odd]);
    expect(third!.value).toEqual(Buffer.alloc(0));
    expect(fourth!.value?.length).toBe(1_000_000);
    expect(new Set(receiver.received.map(({ meta }) => meta.position)).size).toBe(4);
  });

  it("counts deliveries of a quorum queue", async () => {
    const queue = await makeQueue({ "x-queue-type": "quorum" });
    await publish({ routingKey: queue }, [{ value: "1" }]);
    const first = new Receiver();
    first.settling = false;
    const options = { node: "in", queue: { name: queue }, prefetch: 5, codec: jsonCodec, signal: first.abort.signal };
    first.source = await transport.port.consume(options, first);
    await until(() => first.received.length === 1);
    first.abort.abort();
    await first.source.stop();
    const second = await consume({ name: queue });
    await until(() => second.received.length === 1);
    expect([first.received[0]!.meta.attempt, second.received[0]!.meta.attempt]).toEqual([1, 2]);
  });
});

describe("declares", () => {
  it("a queue with its exchange and bindings, which then get what is routed to them", async () => {
    const queue = `q-${randomUUID()}`;
    const exchange = `x-${randomUUID()}`;
    const receiver = await consume({
      name: queue,
      declare: {
        arguments: { "x-queue-type": "quorum", "x-single-active-consumer": true },
        exchange: { name: exchange, type: "topic" },
        bindings: [{ routingKey: "orders.*.created" }, { routingKey: "vip.#" }],
      },
    });
    await until(() => receiver.states.at(-1) === "running");
    const verdicts = await Promise.all(
      ["orders.de.created", "vip", "orders.de.gone"].map((routingKey) =>
        publish({ exchange, routingKey }, [{ value: "1" }]),
      ),
    );
    expect(verdicts.map(([verdict]) => codeOf(verdict))).toEqual(["done", "done", "reject message-unroutable"]);
    await until(() => receiver.received.length === 2);
  });

  it("nothing that is there otherwise, and says what differs and the way out", async () => {
    const queue = await makeQueue({ "x-max-length": 10 });
    const receiver = await consume({ name: queue, declare: { arguments: { "x-max-length": 20 } } });
    await until(() => receiver.causes.includes("declared-otherwise"));
    const [verdict] = await publish({ routingKey: queue }, [{ value: "1" }], {
      queue: { name: queue, declare: { arguments: {} } },
    });
    expect(codeOf(verdict)).toBe("dependency declared-otherwise");
    const words = verdict!.verdict === "done" ? "" : verdict!.cause.message;
    expect(words).toContain("`x-max-length` is 10, and the node asks for none");
    expect(words).toContain("switch *Declare* off");
  });
});

describe("says", () => {
  it("what is missing, and goes on when it is there", async () => {
    const queue = `q-${randomUUID()}`;
    const receiver = await consume({ name: queue });
    await until(() => receiver.causes.includes("queue-missing"));
    expect(codeOf((await publish({ routingKey: queue }, [{ value: "1" }]))[0])).toBe("dependency queue-missing");
    expect(codeOf((await publish({ routingKey: queue }, [{ value: "1" }], { isFixed: false }))[0])).toBe(
      "reject queue-missing",
    );
    const nowhere = { exchange: `x-${randomUUID()}` };
    expect(codeOf((await publish(nowhere, [{ value: "1" }]))[0])).toBe("dependency exchange-missing");
    expect(codeOf((await publish(nowhere, [{ value: "1" }], { isFixed: false }))[0])).toBe("reject exchange-missing");
    await plain.queueDeclare({ queue, durable: true });
    expect(codeOf((await publish({ routingKey: queue }, [{ value: "1" }]))[0])).toBe("done");
    await until(() => receiver.received.length === 1);
    await plain.queueDelete({ queue });
    await until(() => receiver.states.at(-1) === "degraded");
  });

  it("which of a batch no queue takes", async () => {
    const queue = await makeQueue();
    const publisher = transport.port.publisher({ node: "out", isFixed: false });
    closing.push(() => publisher.close());
    const base = { exchange: "", headers: [], timestamp: 0, persistent: true, mandatory: true, key: null };
    const value = Buffer.from("1");
    const verdicts = await publisher.publish(
      Array.from({ length: 40 }, (_, index) => {
        return { ...base, of: {}, value, routingKey: index % 2 === 0 ? queue : `none-${index}` };
      }),
      never,
    );
    expect(verdicts.map(codeOf)).toEqual(
      Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? "done" : "reject queue-missing")),
    );
  });

  it("that a full queue takes no more", async () => {
    const queue = await makeQueue({ "x-max-length": 2, "x-overflow": "reject-publish" });
    const verdicts = await publish({ routingKey: queue }, [{ value: "1" }, { value: "2" }, { value: "3" }]);
    expect(verdicts.map(codeOf)).toEqual(["done", "done", "dependency broker-refused"]);
  });

  it("that user, password or virtual host are wrong, without telling the password, and keeps saying it", async () => {
    const { host } = new URL(rabbitmqUrl);
    const wrong = open(`amqp://nobody@${host}`, { password: "topsecret" });
    closing.push(() => wrong.close());
    await expect(wrong.test()).rejects.toMatchObject({
      reason: { code: "broker-refused", message: expect.stringContaining("refused the user nobody or its password") },
    });
    const receiver = await consume({ name: "any" }, jsonCodec, wrong);
    await until(() => receiver.causes.filter((code) => code === "broker-refused").length >= 2);
    const [verdict] = await publish({ routingKey: "any" }, [{ value: "1" }], {}, wrong);
    expect(codeOf(verdict)).toBe("dependency broker-refused");
    expect(JSON.stringify(verdict)).not.toContain("topsecret");
    const elsewhere = open(`amqp://${host}/nowhere`);
    closing.push(() => elsewhere.close());
    await expect(elsewhere.test()).rejects.toMatchObject({
      reason: { code: "broker-refused", message: expect.stringContaining("no virtual host nowhere") },
    });
  });

  it("that a stream is not consumed as a queue", async () => {
    const queue = await makeQueue({ "x-queue-type": "stream" });
    await publish({ routingKey: queue }, [{ value: "1" }]);
    const receiver = await consume({ name: queue });
    await until(() => receiver.causes.includes("declared-otherwise"));
    expect(receiver.words.at(-1)).toContain("*RabbitMQ stream*");
    await pause(100);
    expect(receiver.received).toEqual([]);
  });
});

describe("places", () => {
  it("are made once, and described by their type", async () => {
    const name = `p-${randomUUID()}`;
    expect(await transport.createPlace?.("queue", name, { type: "quorum" })).toMatchObject({ created: true });
    expect(await transport.createPlace?.("queue", name, { type: "classic" })).toMatchObject({ created: false });
    expect(await transport.createPlace?.("exchange", name, { type: "fanout" })).toMatchObject({ created: true });
    expect(await transport.describe([name])).toEqual([
      { name, type: "queue", messages: 0 },
      { name, type: "exchange" },
    ]);
    await plain.queueBind({ queue: name, exchange: name });
    await transport.send(name, { key: null, headers: [], value: "1", encoding: "text" }, "exchange");
    const letter = { id: "l-1", message: makeMessage({ key: null, value: "2", headers: [] }) };
    expect(await transport.forward?.(name, [letter], never)).toEqual([{ verdict: "done" }]);
    expect(await transport.newest(name, 5, 100)).toMatchObject([{ value: "2", headers: [] }, { value: "1" }]);
  });
});
