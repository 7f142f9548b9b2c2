import type { BatchContext, SinkBehaviour } from "../behaviour";
import { jsonCodec } from "../codecs/json";
import type { StreamEntry } from "../connections/redis-stream-port";
import { streamNamePattern, streamNameRule } from "../connections/stream-name";
import { scopeOf } from "../expression";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import { compileTemplate } from "../template";
import { type Failure, rejected } from "../verdict";
import { messageIdHeader } from "./message-id";
import { type RedisStreamSinkConfig, trimOf } from "./redis-stream-sink";
import { compileKey, compileSentHeaders, sentCodec, valueIn } from "./sent-parts";
import { writeBatch } from "./write-batch";

export const redisStreamSinkBehaviour: SinkBehaviour<RedisStreamSinkConfig> = {
  role: "sink",
  open(config, context) {
    const port = context.connection("redis", config.connection);
    const stream = compileTemplate(config.stream);
    const key = compileKey(config.key);
    const headersOf = compileSentHeaders(config, messageIdHeader, context);
    const codec = config.layout === "fields" ? jsonCodec : sentCodec(config.codec);
    const trim = trimOf(config);
    const options = { partitions: config.partitions, layout: config.layout, ...(trim ? { trim } : {}) };

    function toEntry(message: Message, index: number, batch: BatchContext): StreamEntry | Failure {
      const scope = scopeOf(message);
      let field = "stream";
      try {
        const name = stream.literal ? stream.source : stream.render(scope);
        if (!stream.literal && (name === "" || !streamNamePattern.test(name))) {
          const words = `\`stream\` of node \`${context.node}\` gave a name that is not right: ${streamNameRule}.`;
          return rejected("body-invalid", words);
        }
        field = "key";
        const newKey = key(message, scope);
        field = "headers";
        const headers = headersOf(message, scope, index, batch);
        field = "codec";
        const value = valueIn(codec, message);
        return { stream: name, key: newKey, value, headers };
      } catch (error) {
        return failureOf(error, context.node, field);
      }
    }

    return {
      write: (batch, batchContext) =>
        writeBatch(
          batch,
          (message, index) => toEntry(message, index, batchContext),
          (entries) => port.add(entries, options, batchContext.signal),
        ),
    };
  },
};
