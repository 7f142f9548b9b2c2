import { randomUUID } from "node:crypto";
import { Connection } from "rabbitmq-client";
import { jsonCodec } from "../../flow/codecs/json";
import type { RabbitMessage } from "../../flow/connections/rabbitmq-port";
import { ownNameOf } from "../../flow/distribution";
import type { Message } from "../../flow/message";
import { describeConformance, type Subject } from "./conformance";
import { openRabbitmq } from "./rabbitmq";
import { TcpProxy } from "./tcp-proxy";

const rabbitmqUrl = process.env.RABBITMQ_URL;
if (rabbitmqUrl === undefined) throw new Error("RABBITMQ_URL is not set: these tests need a real RabbitMQ");
const { hostname, port, pathname } = new URL(rabbitmqUrl);

const plain = new Connection(rabbitmqUrl);
plain.on("error", () => {});

export function toRabbit(message: Message, queue: string): RabbitMessage {
  const { key, value, headers, meta } = message;
  const { timestamp } = meta;
  return {
    of: message,
    exchange: "",
    routingKey: queue,
    key,
    value,
    headers,
    timestamp,
    persistent: true,
    mandatory: true,
  };
}

/** Fans out to the queue, and to those of workers that get all. */
const exchangeOf = (queue: string) => `x-${queue}`;
const anyKey = { routingKey: "" };

function openSubject(proxy?: TcpProxy) {
  const transport = openRabbitmq({
    name: "rabbitmq",
    config: proxy === undefined ? {} : { url: `amqp://127.0.0.1:${proxy.port}${pathname}` },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, rabbitmqUrl, databaseUrl: "" },
    log: () => {},
  });
  const publisher = transport.port.publisher({ node: "out", isFixed: true });
  const subject: Subject = {
    transport,
    makePlace: async () => {
      const queue = `q-${randomUUID()}`;
      await plain.queueDeclare({ queue, durable: true });
      await plain.exchangeDeclare({ exchange: exchangeOf(queue), type: "fanout", autoDelete: true });
      await plain.queueBind({ exchange: exchangeOf(queue), queue });
      return queue;
    },
    consume: (queue, handlers, signal) =>
      transport.port.consume({ node: "in", queue: { name: queue }, prefetch: 250, codec: jsonCodec, signal }, handlers),
    consumeEach: (place, worker, handlers, signal) => {
      const declare = { arguments: { "x-expires": 60_000 }, exchange: { name: exchangeOf(place) }, bindings: [anyKey] };
      const queue = { name: `${place}${ownNameOf("each", worker)}`, declare };
      return transport.port.consume({ node: "in", queue, prefetch: 250, codec: jsonCodec, signal }, handlers);
    },
    write: (queue, messages, signal) =>
      publisher.publish(
        messages.map((message) => ({ ...toRabbit(message, queue), exchange: exchangeOf(queue) })),
        signal,
      ),
    close: async () => {
      await publisher.close();
      await transport.close();
    },
  };
  return { ...subject, transport };
}

describeConformance({
  name: "rabbitmq",
  settles: "contiguous",
  makeProxy: () => new TcpProxy({ host: hostname, port: Number(port || 5672) }),
  open: openSubject,
});
