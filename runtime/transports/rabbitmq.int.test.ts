import { randomUUID } from "node:crypto";
import { Connection } from "rabbitmq-client";
import { jsonCodec } from "../../flow/codecs/json";
import { ownNameOf } from "../../flow/distribution";
import { describeConformance, type Subject } from "./conformance";
import { makeRabbitProxy, openTestRabbit, rabbitmqUrl, toRabbit } from "./rabbitmq-samples";
import type { TcpProxy } from "./tcp-proxy";

const plain = new Connection(rabbitmqUrl);
plain.on("error", () => {});

/** Fans out to the queue, and to those of workers that get all. */
const exchangeOf = (queue: string) => `x-${queue}`;
const anyKey = { routingKey: "" };

function openSubject(queueType: "classic" | "quorum", proxy?: TcpProxy) {
  const transport = openTestRabbit(proxy);
  const publisher = transport.port.publisher({ node: "out", isFixed: true });
  const subject: Subject = {
    transport,
    makePlace: async () => {
      const queue = `q-${randomUUID()}`;
      await plain.queueDeclare({ queue, durable: true, arguments: { "x-queue-type": queueType } });
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

for (const queueType of ["classic", "quorum"] as const) {
  describeConformance({
    name: `rabbitmq with ${queueType} queues`,
    settles: "contiguous",
    makeProxy: makeRabbitProxy,
    open: (proxy) => openSubject(queueType, proxy),
  });
}
