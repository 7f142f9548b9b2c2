import type { SourceBehaviour } from "../behaviour";
import { codecOf } from "../codecs";
import type { QueueSourceConfig } from "./queue-source";

export const queueSourceBehaviour: SourceBehaviour<QueueSourceConfig> = {
  role: "source",
  settles: "individual",
  identity: ({ connection, queue, concurrency }) => JSON.stringify([connection, queue, concurrency]),
  open: (config, context, handlers) =>
    context.connection("queue", config.connection).consume(
      {
        node: context.node,
        queue: config.queue,
        concurrency: config.concurrency,
        codec: codecOf("json"),
        signal: context.signal,
      },
      handlers,
    ),
};
