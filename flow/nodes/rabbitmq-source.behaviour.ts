import type { SourceBehaviour } from "../behaviour";
import { codecOf } from "../codecs";
import type { RabbitQueue } from "../connections/rabbitmq-port";
import { ownNameOf } from "../distribution";
import { bindingsOf, queueArguments } from "./rabbitmq-fields";
import type { RabbitSourceConfig } from "./rabbitmq-source";

export const rabbitSourceBehaviour: SourceBehaviour<RabbitSourceConfig> = {
  role: "source",
  // A delivery's number acknowledges all before it: lanes keep the order in which the broker hands over, and work in batches.
  settles: "contiguous",
  inHand: ({ prefetch }) => prefetch,
  identity: (config) =>
    JSON.stringify([config.connection, config.prefetch, config.codec, config.distribution, queueOf(config, "")]),
  open: (config, context, handlers) =>
    context.connection("rabbitmq", config.connection).consume(
      {
        node: context.node,
        queue: queueOf(config, ownNameOf(config.distribution, context.worker)),
        prefetch: config.prefetch,
        codec: codecOf(config.codec),
        signal: context.signal,
      },
      handlers,
    ),
};

/** A queue of one worker's own outlives it for so long. */
const ownExpiresMs = 600_000;

function queueOf(config: RabbitSourceConfig, ownName: string): RabbitQueue {
  const name = `${config.queue}${ownName}`;
  if (!config.declare) return { name };
  const binds = bindingsOf(config);
  if (ownName === "") return { name, declare: { arguments: queueArguments(config), ...binds } };
  const own = queueArguments({ ...config, queueType: "classic", singleActiveConsumer: false });
  return { name, declare: { arguments: { ...own, "x-expires": ownExpiresMs }, ...binds } };
}
