import type { SourceBehaviour } from "../behaviour";
import { codecOf } from "../codecs";
import type { RabbitBinding, RabbitQueue } from "../connections/rabbitmq-port";
import { queueArguments } from "./rabbitmq-fields";
import type { RabbitSourceConfig } from "./rabbitmq-source";

export const rabbitSourceBehaviour: SourceBehaviour<RabbitSourceConfig> = {
  role: "source",
  // A delivery's number acknowledges all before it: lanes keep the order in which the broker hands over, and work in batches.
  settles: "contiguous",
  identity: ({ connection, prefetch, codec, ...rest }) =>
    JSON.stringify([connection, prefetch, codec, queueOf({ connection, prefetch, codec, ...rest })]),
  open: (config, context, handlers) =>
    context.connection("rabbitmq", config.connection).consume(
      {
        node: context.node,
        queue: queueOf(config),
        prefetch: config.prefetch,
        codec: codecOf(config.codec),
        signal: context.signal,
      },
      handlers,
    ),
};

function queueOf(config: RabbitSourceConfig): RabbitQueue {
  const { queue: name, declare, exchange, exchangeType } = config;
  if (!declare) return { name };
  const binds = exchange
    ? {
        exchange: { name: exchange, ...(exchangeType === "as-it-is" ? {} : { type: exchangeType }) },
        bindings: bindingsOf(config),
      }
    : {};
  return { name, declare: { arguments: queueArguments(config), ...binds } };
}

function bindingsOf({ bindingKeys, bindingHeaders }: RabbitSourceConfig): RabbitBinding[] {
  const keys = (bindingKeys ?? "").split(/\s+/).filter((key) => key !== "");
  const byHeaders = Object.keys(bindingHeaders).length > 0 ? { arguments: bindingHeaders } : {};
  return (keys.length > 0 ? keys : [""]).map((routingKey) => ({ routingKey, ...byHeaders }));
}
