import type { SourceBehaviour } from "../behaviour";
import { codecOf } from "../codecs";
import type { PulsarSourceConfig } from "./pulsar-source";

export const pulsarSourceBehaviour: SourceBehaviour<PulsarSourceConfig> = {
  role: "source",
  // Messages of a shared subscription have no order to keep: they are worked side by side.
  settles: ({ type }) => (type === "shared" ? "individual" : "contiguous"),
  // `start` is left out: it speaks for the first deploy only.
  identity: ({ connection, topic, type, codec, subscription, prefetch, maxRedeliver, deadLetterTopic }) =>
    JSON.stringify([connection, topic, type, codec, subscription ?? "", prefetch, maxRedeliver, deadLetterTopic ?? ""]),
  open: (config, context, handlers) => {
    const sharing = config.type === "shared" || config.type === "key_shared";
    return context.connection("pulsar", config.connection).consume(
      {
        node: context.node,
        topic: config.topic,
        subscription: config.subscription || context.groupId,
        type: config.type,
        fallback: config.start,
        start: context.start,
        prefetch: config.prefetch,
        ...(sharing && config.maxRedeliver > 0
          ? {
              deadLetter: {
                maxRedeliver: config.maxRedeliver,
                ...(config.deadLetterTopic ? { topic: config.deadLetterTopic } : {}),
              },
            }
          : {}),
        codec: codecOf(config.codec),
        signal: context.signal,
      },
      handlers,
    );
  },
};
