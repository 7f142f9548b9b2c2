import type { SourceBehaviour } from "../behaviour";
import { codecOf } from "../codecs";
import type { RabbitArgument, RabbitQueue } from "../connections/rabbitmq-port";
import { ownNameOf } from "../distribution";
import { parseDuration } from "../duration";
import { bindingsOf } from "./rabbitmq-fields";
import type { RabbitStreamSourceConfig } from "./rabbitmq-stream-source";

export const rabbitStreamSourceBehaviour: SourceBehaviour<RabbitStreamSourceConfig> = {
  role: "source",
  settles: "contiguous",
  // `start` and `offset` are left out: they speak for the first deploy only. `onGap` is in: a source that halted must hear of the new rule.
  identity: (config) =>
    JSON.stringify([
      config.connection,
      streamOf(config),
      config.groupId ?? "",
      config.prefetch,
      config.codec,
      config.onGap,
      config.distribution,
    ]),
  open: (config, context, handlers) =>
    context.connection("rabbitmq", config.connection).readStream(
      {
        node: context.node,
        stream: streamOf(config),
        reader: config.groupId || context.groupId,
        ownName: ownNameOf(config.distribution, context.worker),
        fallback: config.start === "offset" ? config.offset : config.start,
        start: context.start,
        onGap: config.onGap,
        prefetch: config.prefetch,
        codec: codecOf(config.codec),
        signal: context.signal,
      },
      handlers,
    ),
};

function streamOf(config: RabbitStreamSourceConfig): RabbitQueue {
  const { stream: name, declare, maxAge, maxBytes } = config;
  if (!declare) return { name };
  const settings: Record<string, RabbitArgument> = { "x-queue-type": "stream" };
  if (maxAge) settings["x-max-age"] = `${parseDuration(maxAge) / 1000}s`;
  if (maxBytes !== undefined) settings["x-max-length-bytes"] = maxBytes;
  return { name, declare: { arguments: settings, ...bindingsOf(config) } };
}
