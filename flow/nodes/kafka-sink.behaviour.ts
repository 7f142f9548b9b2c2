import type { BatchContext, SinkBehaviour } from "../behaviour";
import type { KafkaRecord } from "../connection-ports";
import { passingScope } from "../expression";
import type { Header, Message, WireParts } from "../message";
import { failureOf } from "../message-failure";
import { compileTemplate } from "../template";
import type { Failure } from "../verdict";
import type { KafkaSinkConfig } from "./kafka-sink";
import { messageIdHeader } from "./message-id";
import { compileKey, compileSentHeaders, sentCodec, valueIn } from "./sent-parts";
import { writeBatch } from "./write-batch";

export const kafkaSinkBehaviour: SinkBehaviour<KafkaSinkConfig> = {
  role: "sink",
  open(config, context) {
    const port = context.connection("kafka", config.connection);
    const topic = compileTemplate(config.topic);
    const key = compileKey(config.key);
    const headersOf = compileSentHeaders(config, messageIdHeader, context);
    const codec = sentCodec(config.codec);
    const scopeOf = passingScope();
    const changesNothing = !config.key && !codec && !config.messageId && Object.keys(config.headers).length === 0;

    function toRecord(message: Message, index: number, batch: BatchContext): KafkaRecord | Failure {
      const scope = scopeOf(message);
      let field = "topic";
      try {
        const name = topic.literal ? topic.source : topic.render(scope);
        const wire = changesNothing ? message.wire : undefined;
        if (wire) {
          field = "codec";
          return new PassedRecord(name, message, wire);
        }
        field = "key";
        const newKey = key(message, scope);
        field = "headers";
        const headers = headersOf(message, scope, index, batch);
        field = "codec";
        const value = valueIn(codec, message);
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

/** A message that goes on as it came, or with another value. What it is made of is read only where somebody asks. */
class PassedRecord implements KafkaRecord {
  readonly isRemade: boolean;

  /** @throws CodecError when another value cannot be encoded. */
  constructor(
    readonly topic: string,
    private readonly message: Message,
    readonly wire: WireParts,
  ) {
    this.isRemade = message.isRemade;
    // What cannot be encoded fails here, as a message of this node.
    if (this.isRemade) void message.value;
  }

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
