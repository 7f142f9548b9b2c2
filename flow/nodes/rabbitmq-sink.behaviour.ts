import type { BatchContext, SinkBehaviour } from "../behaviour";
import type { RabbitMessage, RabbitPublisherOptions } from "../connections/rabbitmq-port";
import { parseDuration } from "../duration";
import { compileExpression, type Expression, scopeOf } from "../expression";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import { compileTemplate } from "../template";
import { type Failure, rejected } from "../verdict";
import { queueArguments } from "./rabbitmq-fields";
import type { RabbitSinkConfig } from "./rabbitmq-sink";
import { compileKey, compileSentHeaders, sentCodec, valueIn } from "./sent-parts";
import { writeBatch } from "./write-batch";

const contentTypes: Readonly<Record<string, string>> = {
  json: "application/json",
  text: "text/plain",
  bytes: "application/octet-stream",
};

export const rabbitSinkBehaviour: SinkBehaviour<RabbitSinkConfig> = {
  role: "sink",
  open(config, context) {
    const toExchange = config.to === "exchange";
    const target = compileTemplate((toExchange ? config.exchange : config.queue) ?? "");
    const routingKey = config.routingKey ? compileTemplate(config.routingKey) : undefined;
    const key = compileKey(config.key);
    const priority = config.priority ? compileExpression(config.priority) : undefined;
    const headersOf = compileSentHeaders(config, "message-id", context);
    const codec = sentCodec(config.codec);
    const expirationMs = config.expiration ? parseDuration(config.expiration) : undefined;
    const publisher = context
      .connection("rabbitmq", config.connection)
      .publisher(publisherOptions(config, context.node, target.literal));

    function toRabbit(message: Message, index: number, batch: BatchContext): RabbitMessage | Failure {
      const scope = scopeOf(message);
      let field = toExchange ? "exchange" : "queue";
      try {
        const name = target.literal ? target.source : target.render(scope);
        field = "key";
        const newKey = key(message, scope);
        field = "routingKey";
        const routed = !toExchange ? name : routingKey ? routingKey.render(scope) : textOf(newKey);
        field = "headers";
        const withId = headersOf(message, scope, index, batch);
        field = "priority";
        const rank = priority ? readPriority(priority, scope) : undefined;
        if (rank === null) {
          const words = `\`priority\` of node \`${context.node}\` gave no whole number from 0 to 255.`;
          return rejected("body-invalid", words);
        }
        field = "codec";
        const value = valueIn(codec, message);
        const contentType = contentTypes[(codec ?? message.codec).name];
        return {
          of: message,
          exchange: toExchange ? name : "",
          routingKey: routed,
          key: newKey,
          value,
          headers: withId,
          timestamp: message.meta.timestamp,
          persistent: config.persistent,
          mandatory: config.mandatory,
          ...(contentType === undefined ? {} : { contentType }),
          ...(rank === undefined ? {} : { priority: rank }),
          ...(expirationMs === undefined ? {} : { expirationMs }),
        };
      } catch (error) {
        return failureOf(error, context.node, field);
      }
    }

    return {
      write: (batch, batchContext) =>
        writeBatch(
          batch,
          (message, index) => toRabbit(message, index, batchContext),
          (messages) => publisher.publish(messages, batchContext.signal),
        ),
      close: () => publisher.close(),
    };
  },
};

function publisherOptions(config: RabbitSinkConfig, node: string, isFixed: boolean): RabbitPublisherOptions {
  if (config.to === "exchange") {
    const { exchange = "", exchangeType } = config;
    if (!isFixed || exchangeType === "as-it-is") return { node, isFixed };
    return { node, isFixed, exchange: { name: exchange, type: exchangeType } };
  }
  const { queue = "", declare } = config;
  return isFixed && declare
    ? { node, isFixed, queue: { name: queue, declare: { arguments: queueArguments(config) } } }
    : { node, isFixed };
}

/** `null` for what is no priority. */
function readPriority(priority: Expression, scope: Readonly<Record<string, unknown>>): number | null {
  const value = Number(priority.evaluate(scope));
  return Number.isInteger(value) && value >= 0 && value <= 255 ? value : null;
}

function textOf(key: Uint8Array | null): string {
  return key === null ? "" : new TextDecoder().decode(key);
}
