import type { SinkBehaviour } from "../behaviour";
import type { Codec } from "../codec";
import { codecOf } from "../codecs";
import type { KafkaRecord } from "../connection-ports";
import { compileExpression, scopeOf } from "../expression";
import { keyBytes } from "../key-bytes";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import { compileTemplate } from "../template";
import type { Failure } from "../verdict";
import { compileHeaders } from "./header-templates";
import type { KafkaSinkConfig } from "./kafka-sink";
import { writeBatch } from "./write-batch";

export const kafkaSinkBehaviour: SinkBehaviour<KafkaSinkConfig> = {
  role: "sink",
  open(config, context) {
    const port = context.connection("kafka", config.connection);
    const topic = compileTemplate(config.topic);
    const key = config.key ? compileExpression(config.key) : undefined;
    const addHeaders = compileHeaders(config.headers);
    const codec = config.codec === "as-it-came" ? undefined : codecOf(config.codec);

    function toRecord(message: Message): KafkaRecord | Failure {
      const scope = scopeOf(message);
      let field = "topic";
      try {
        const name = topic.literal ? topic.source : topic.render(scope);
        field = "key";
        const newKey = key ? keyBytes(key.evaluate(scope)) : message.key;
        field = "headers";
        const headers = addHeaders(message.headers, scope);
        field = "codec";
        const value = codec && codec !== message.codec ? encodeAs(message, codec) : message.value;
        return { topic: name, key: newKey, value, headers };
      } catch (error) {
        return failureOf(error, context.node, field);
      }
    }

    return {
      write: (batch, { signal, transaction }) =>
        writeBatch(batch, toRecord, (records) => port.produce(records, signal, transaction, config.compression)),
    };
  },
};

function encodeAs(message: Message, codec: Codec): Uint8Array | null {
  const { body } = message;
  return body === null ? null : codec.encode(body);
}
