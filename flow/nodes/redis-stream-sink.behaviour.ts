import type { BatchContext, SinkBehaviour } from "../behaviour";
import type { Codec } from "../codec";
import { codecOf } from "../codecs";
import { jsonCodec } from "../codecs/json";
import type { StreamEntry } from "../connections/redis-stream-port";
import { streamNamePattern, streamNameRule } from "../connections/stream-name";
import { compileExpression, scopeOf } from "../expression";
import { keyBytes } from "../key-bytes";
import { type Message, setHeader } from "../message";
import { failureOf } from "../message-failure";
import { compileTemplate } from "../template";
import { type Failure, rejected } from "../verdict";
import { compileHeaders } from "./header-templates";
import { messageId, messageIdHeader } from "./message-id";
import { type RedisStreamSinkConfig, trimOf } from "./redis-stream-sink";
import { writeBatch } from "./write-batch";

export const redisStreamSinkBehaviour: SinkBehaviour<RedisStreamSinkConfig> = {
  role: "sink",
  open(config, context) {
    const port = context.connection("redis", config.connection);
    const stream = compileTemplate(config.stream);
    const key = config.key ? compileExpression(config.key) : undefined;
    const addHeaders = compileHeaders(config.headers);
    const codec =
      config.layout === "fields" ? jsonCodec : config.codec === "as-it-came" ? undefined : codecOf(config.codec);
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
        const newKey = key ? keyBytes(key.evaluate(scope)) : message.key;
        field = "headers";
        const added = addHeaders(message.headers, scope);
        const headers = config.messageId
          ? setHeader(added, messageIdHeader, messageId(message, context, batch, index))
          : added;
        field = "codec";
        const value = codec && codec !== message.codec ? encodeAs(message, codec) : message.value;
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

function encodeAs(message: Message, codec: Codec): Uint8Array | null {
  const { body } = message;
  return body === null ? null : codec.encode(body);
}
