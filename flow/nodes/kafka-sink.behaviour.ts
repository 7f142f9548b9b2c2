import type { BatchContext, SinkBehaviour } from "../behaviour";
import type { Codec } from "../codec";
import { codecOf } from "../codecs";
import type { KafkaRecord } from "../connection-ports";
import { compileExpression, scopeOf } from "../expression";
import { keyBytes } from "../key-bytes";
import { type Header, type Message, setHeader, type WireParts } from "../message";
import { failureOf } from "../message-failure";
import { compileTemplate } from "../template";
import type { Failure } from "../verdict";
import { compileHeaders } from "./header-templates";
import type { KafkaSinkConfig } from "./kafka-sink";
import { messageId, messageIdHeader } from "./message-id";
import { writeBatch } from "./write-batch";

export const kafkaSinkBehaviour: SinkBehaviour<KafkaSinkConfig> = {
  role: "sink",
  open(config, context) {
    const port = context.connection("kafka", config.connection);
    const topic = compileTemplate(config.topic);
    const key = config.key ? compileExpression(config.key) : undefined;
    const addHeaders = compileHeaders(config.headers);
    const codec = config.codec === "as-it-came" ? undefined : codecOf(config.codec);
    const changesNothing = !key && !codec && !config.messageId && Object.keys(config.headers).length === 0;

    function toRecord(message: Message, index: number, batch: BatchContext): KafkaRecord | Failure {
      const scope = scopeOf(message);
      let field = "topic";
      try {
        const name = topic.literal ? topic.source : topic.render(scope);
        const wire = changesNothing ? message.wire : undefined;
        if (wire) return new PassedRecord(name, message, wire);
        field = "key";
        const newKey = key ? keyBytes(key.evaluate(scope)) : message.key;
        field = "headers";
        const added = addHeaders(message.headers, scope);
        const headers = config.messageId
          ? setHeader(added, messageIdHeader, messageId(message, context, batch, index))
          : added;
        field = "codec";
        const value = codec && codec !== message.codec ? encodeAs(message, codec) : message.value;
        return { topic: name, key: newKey, value, headers };
      } catch (error) {
        return failureOf(error, context.node, field);
      }
    }

    return {
      write: (batch, batchContext) =>
        writeBatch(
          batch,
          (message, index) => toRecord(message, index, batchContext),
          (records) => port.produce(records, batchContext.signal, batchContext.transaction, config.compression),
        ),
    };
  },
};

/** A message that goes on as it came. What it is made of is read only where somebody asks. */
class PassedRecord implements KafkaRecord {
  constructor(
    readonly topic: string,
    private readonly message: Message,
    readonly wire: WireParts,
  ) {}

  get key(): Uint8Array | null {
    return this.message.key;
  }

  get value(): Uint8Array | null {
    return this.message.value;
  }

  get headers(): readonly Header[] {
    return this.message.headers;
  }
}

function encodeAs(message: Message, codec: Codec): Uint8Array | null {
  const { body } = message;
  return body === null ? null : codec.encode(body);
}
