import type { SourceBehaviour } from "../behaviour";
import { codecOf } from "../codecs";
import { ownNameOf } from "../distribution";
import { type RedisStreamSourceConfig, sharingOf } from "./redis-stream-source";

export const redisStreamSourceBehaviour: SourceBehaviour<RedisStreamSourceConfig> = {
  role: "source",
  settles: "contiguous",
  // `start` is left out: it speaks for the first deploy only. `onGap` is in: a source that halted must hear of the new rule.
  identity: (config) =>
    JSON.stringify([
      config.connection,
      config.stream,
      config.partitions,
      sharingOf(config),
      config.groupId ?? "",
      config.layout,
      config.codec,
      config.onGap,
      config.maxDeliveries,
      config.distribution,
    ]),
  open: (config, context, handlers) =>
    context.connection("redis", config.connection).consume(
      {
        node: context.node,
        stream: config.stream,
        partitions: config.partitions,
        sharing: sharingOf(config),
        group: `${config.groupId || context.groupId}${ownNameOf(config.distribution, context.worker)}`,
        ownName: ownNameOf(config.distribution, context.worker),
        fallback: config.start,
        start: context.start,
        onGap: config.onGap,
        maxDeliveries: config.maxDeliveries,
        layout: config.layout,
        codec: codecOf(config.codec),
        signal: context.signal,
      },
      handlers,
    ),
};
