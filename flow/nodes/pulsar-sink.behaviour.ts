import type { BatchContext, SinkBehaviour } from "../behaviour";
import type { Codec } from "../codec";
import { codecOf } from "../codecs";
import type { PulsarMessage } from "../connections/pulsar-port";
import { compileExpression, scopeOf } from "../expression";
import { keyBytes } from "../key-bytes";
import { type Message, setHeader } from "../message";
import { failureOf } from "../message-failure";
import { compileTemplate } from "../template";
import type { Failure } from "../verdict";
import { compileHeaders } from "./header-templates";
import { messageId, messageIdHeader } from "./message-id";
import type { PulsarSinkConfig } from "./pulsar-sink";
import { writeBatch } from "./write-batch";

export const pulsarSinkBehaviour: SinkBehaviour<PulsarSinkConfig> = {
  role: "sink",
  open(config, context) {
    const port = context.connection("pulsar", config.connection);
    const topic = compileTemplate(config.topic);
    const key = config.key ? compileExpression(config.key) : undefined;
    const addHeaders = compileHeaders(config.headers);
    const codec = config.codec === "as-it-came" ? undefined : codecOf(config.codec);
    const producer = { batching: config.batching, compression: config.compression };
    const later = config.delayMs > 0 ? { deliverAfterMs: config.delayMs } : {};

    function toPulsar(message: Message, index: number, batch: BatchContext): PulsarMessage | Failure {
      const scope = scopeOf(message);
      let field = "topic";
      try {
        const name = topic.literal ? topic.source : topic.render(scope);
        field = "key";
        const newKey = key ? keyBytes(key.evaluate(scope)) : message.key;
        field = "headers";
        const added = addHeaders(message.headers, scope);
        const headers = config.messageId
          ? setHeader(added, messageIdHeader, messageId(message, context, batch, index))
          : added;
        field = "codec";
        const value = codec && codec !== message.codec ? encodeAs(message, codec) : message.value;
        return { topic: name, key: newKey, value, headers, ...later };
      } catch (error) {
        return failureOf(error, context.node, field);
      }
    }

    return {
      write: (batch, batchContext) =>
        writeBatch(
          batch,
          (message, index) => toPulsar(message, index, batchContext),
          (messages) => port.produce(messages, producer, batchContext.signal),
        ),
    };
  },
};

function encodeAs(message: Message, codec: Codec): Uint8Array | null {
  const { body } = message;
  return body === null ? null : codec.encode(body);
}
