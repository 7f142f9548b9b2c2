import type { SourceBehaviour } from "../behaviour";
import { codecOf } from "../codecs";
import { ownNameOf } from "../distribution";
import { type PulsarSourceConfig, typeOf } from "./pulsar-source";

export const pulsarSourceBehaviour: SourceBehaviour<PulsarSourceConfig> = {
  role: "source",
  // Messages of a shared subscription have no order to keep: they are worked side by side.
  settles: (config) => (typeOf(config) === "shared" ? "individual" : "contiguous"),
  // `start` is left out: it speaks for the first deploy only.
  identity: ({ start: _, subscription, deadLetterTopic, ...config }) =>
    JSON.stringify({ ...config, subscription: subscription ?? "", deadLetterTopic: deadLetterTopic ?? "" }),
  open: (config, context, handlers) => {
    const type = typeOf(config);
    const sharing = type === "shared" || type === "key_shared";
    const ownName = ownNameOf(config.distribution, context.worker);
    return context.connection("pulsar", config.connection).consume(
      {
        node: context.node,
        topic: config.topic,
        subscription: `${config.subscription || context.groupId}${ownName}`,
        ownName,
        type,
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
