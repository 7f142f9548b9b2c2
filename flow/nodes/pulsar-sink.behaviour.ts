import type { BatchContext, SinkBehaviour } from "../behaviour";
import type { PulsarMessage } from "../connections/pulsar-port";
import { scopeOf } from "../expression";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import { compileTemplate } from "../template";
import type { Failure } from "../verdict";
import { messageIdHeader } from "./message-id";
import type { PulsarSinkConfig } from "./pulsar-sink";
import { compileKey, compileSentHeaders, sentCodec, valueIn } from "./sent-parts";
import { writeBatch } from "./write-batch";

export const pulsarSinkBehaviour: SinkBehaviour<PulsarSinkConfig> = {
  role: "sink",
  open(config, context) {
    const port = context.connection("pulsar", config.connection);
    const topic = compileTemplate(config.topic);
    const key = compileKey(config.key);
    const headersOf = compileSentHeaders(config, messageIdHeader, context);
    const codec = sentCodec(config.codec);
    const producer = { batching: config.batching, compression: config.compression };
    const later = config.delayMs > 0 ? { deliverAfterMs: config.delayMs } : {};

    function toPulsar(message: Message, index: number, batch: BatchContext): PulsarMessage | Failure {
      const scope = scopeOf(message);
      let field = "topic";
      try {
        const name = topic.literal ? topic.source : topic.render(scope);
        field = "key";
        const newKey = key(message, scope);
        field = "headers";
        const headers = headersOf(message, scope, index, batch);
        field = "codec";
        const value = valueIn(codec, message);
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
