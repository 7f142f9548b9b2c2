import type { SourceBehaviour } from "../behaviour";
import { codecOf } from "../codecs";
import { ownNameOf } from "../distribution";
import type { KafkaSourceConfig } from "./kafka-source";

export const kafkaSourceBehaviour: SourceBehaviour<KafkaSourceConfig> = {
  role: "source",
  settles: "contiguous",
  // `start` is left out: it speaks for the first deploy only. `onGap` is in: a consumer that halted must hear of the new rule.
  identity: ({ connection, topic, groupId, codec, onGap, distribution }) =>
    JSON.stringify([connection, topic, groupId ?? "", codec, onGap, distribution]),
  open: (config, context, handlers) =>
    context.connection("kafka", config.connection).consume(
      {
        node: context.node,
        topic: config.topic,
        groupId: `${config.groupId || context.groupId}${ownNameOf(config.distribution, context.worker)}`,
        ownName: ownNameOf(config.distribution, context.worker),
        fallback: config.start,
        start: context.start,
        onGap: config.onGap,
        codec: codecOf(config.codec),
        delivery: context.delivery,
        signal: context.signal,
      },
      handlers,
    ),
};
