import type { RabbitMessage } from "../../flow/connections/rabbitmq-port";
import type { Message } from "../../flow/message";
import { openRabbitmq } from "./rabbitmq";
import { TcpProxy } from "./tcp-proxy";

/** The RabbitMQ of these tests. */
export const rabbitmqUrl = process.env.RABBITMQ_URL ?? "";
if (rabbitmqUrl === "") throw new Error("RABBITMQ_URL is not set: these tests need a real RabbitMQ");
const { hostname, port, pathname } = new URL(rabbitmqUrl);

export function makeRabbitProxy(): TcpProxy {
  return new TcpProxy({ host: hostname, port: Number(port || 5672) });
}

export function openTestRabbit(proxy?: TcpProxy) {
  return openRabbitmq({
    name: "rabbitmq",
    config: proxy === undefined ? {} : { url: `amqp://127.0.0.1:${proxy.port}${pathname}` },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, rabbitmqUrl, databaseUrl: "" },
    log: () => {},
  });
}

/** A message on its way to a queue. */
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
