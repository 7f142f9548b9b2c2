import { expect, it } from "vitest";
import type { RabbitMessage, RabbitPort, RabbitPublisherOptions } from "../connections/rabbitmq-port";
import type { Message } from "../message";
import { headersOf, makeContext, makeMessage } from "../testing/node-context";
import { done } from "../verdict";
import { rabbitSink } from "./rabbitmq-sink";
import { rabbitSinkBehaviour } from "./rabbitmq-sink.behaviour";

async function publish(config: Record<string, unknown>, batch: Message[]) {
  const published: RabbitMessage[] = [];
  let options: RabbitPublisherOptions | undefined;
  const rabbitmq: RabbitPort = {
    consume: () => Promise.reject(new Error("not asked here")),
    readStream: () => Promise.reject(new Error("not asked here")),
    request: () => Promise.reject(new Error("not asked here")),
    publisher: (asked) => {
      options = asked;
      return {
        publish: async (messages) => {
          published.push(...messages);
          return messages.map(() => done);
        },
        close: async () => {},
      };
    },
  };
  const sink = rabbitSinkBehaviour.open(rabbitSink.config.parse(config), makeContext({ rabbitmq }));
  const verdicts = await sink.write(batch, { signal: new AbortController().signal, attempt: 1 });
  return { verdicts, published, options };
}

it("publishes to a queue by its name, persistent and mandatory, as the same object when it is tried again", async () => {
  const message = makeMessage({ country: "DE" });
  const { published, options } = await publish({ queue: "orders.${body.country}" }, [message]);
  expect(published).toMatchObject([{ exchange: "", routingKey: "orders.DE", persistent: true, mandatory: true }]);
  expect(published[0]!.of).toBe(message);
  expect(options).toMatchObject({ isFixed: false });
});

it("publishes to an exchange with the key as routing key, unless the node says one", async () => {
  const message = makeMessage({ id: 7 });
  const to = { to: "exchange", exchange: "shop", key: "body.id" };
  expect((await publish(to, [message])).published).toMatchObject([{ exchange: "shop", routingKey: "7" }]);
  const said = await publish({ ...to, routingKey: "orders.${body.id}" }, [message]);
  expect(said.published).toMatchObject([{ exchange: "shop", routingKey: "orders.7" }]);
  expect(said.options).toEqual({ node: "here", isFixed: true });
  const declared = await publish({ ...to, exchangeType: "topic" }, [message]);
  expect(declared.options).toMatchObject({ exchange: { name: "shop", type: "topic" } });
});

it("declares the queue with RabbitMQ's own arguments", async () => {
  const config = {
    queue: "orders",
    declare: true,
    singleActiveConsumer: true,
    messageTtl: "30s",
    maxLength: 100,
    deadLetterExchange: "dead",
    maxPriority: 5,
  };
  expect((await publish(config, [])).options?.queue).toEqual({
    name: "orders",
    declare: {
      arguments: {
        "x-queue-type": "quorum",
        "x-single-active-consumer": true,
        "x-dead-letter-exchange": "dead",
        "x-message-ttl": 30_000,
        "x-max-length": 100,
        "x-overflow": "reject-publish",
      },
    },
  });
});

it("adds headers, an id, a priority and a time to live; refuses a priority that is none", async () => {
  const config = {
    queue: "q",
    headers: { "correlation-id": "${body.id}" },
    messageId: true,
    priority: "body.rank",
    expiration: "1m",
  };
  const { published, verdicts } = await publish(config, [
    makeMessage({ id: "o-1", rank: 9 }),
    makeMessage({ id: "o-2", rank: 300 }),
  ]);
  expect(published).toMatchObject([{ priority: 9, expirationMs: 60_000 }]);
  expect(headersOf(published[0]!)).toMatchObject({
    "correlation-id": "o-1",
    "message-id": expect.stringMatching(/.+/),
  });
  expect(verdicts).toMatchObject([{ verdict: "done" }, { verdict: "reject", cause: { code: "body-invalid" } }]);
});

it("refuses to declare a queue that is known per message only, and names of the broker's own", () => {
  const check = (config: Record<string, unknown>) =>
    rabbitSink.check?.(rabbitSink.config.parse(config))?.map(({ field }) => field) ?? [];
  expect(check({ queue: "orders.${body.c}", declare: true })).toEqual(["queue"]);
  expect(check({ queue: "amq.mine" })).toEqual(["queue"]);
  expect(check({ queue: "orders" })).toEqual([]);
});
