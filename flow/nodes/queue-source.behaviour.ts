import type { SourceBehaviour } from "../behaviour";
import { codecOf } from "../codecs";
import type { QueueSourceConfig } from "./queue-source";

export const queueSourceBehaviour: SourceBehaviour<QueueSourceConfig> = {
  role: "source",
  settles: "individual",
  identity: ({ connection, queue, concurrency, codec }) => JSON.stringify([connection, queue, concurrency, codec]),
  open: (config, context, handlers) =>
    context.connection("queue", config.connection).consume(
      {
        node: context.node,
        queue: config.queue,
        concurrency: config.concurrency,
        codec: codecOf(config.codec),
        signal: context.signal,
        responds: context.responds,
      },
      handlers,
    ),
};
